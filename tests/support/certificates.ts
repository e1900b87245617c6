/** Certificates for tests alone: an authority, and a wildcard certificate of it for `d.test`. They end in a hundred years. */

/** An authority. */
export const authority = `-----BEGIN CERTIFICATE-----
MIIBijCCAS+gAwIBAgIUFmQfIOGXjBjQk8U7uhV+w3BZrYMwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTIyNjQyWhgPMjEy
NjEwMjgxMjI2NDJaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEYqNHSelUzdPJq6lb9D1z4vbmGxq2lB83DakMnX15
u9vzb/G04N+H4R/a+McmSX8C66+BrW2VPt8dFYpF3eCpzaNTMFEwHQYDVR0OBBYE
FJcuehTDbVIvDBK/2FfbK6zzyU8kMB8GA1UdIwQYMBaAFJcuehTDbVIvDBK/2Ffb
K6zzyU8kMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAM9tskwn
MXdJnKwLsrqkd4n6vaUX6pfYtJ4xdwrdiGUcAiEA883fYO4NOFXTtAvDJcGahGpW
yS9BtD8bn+HncjhW9y8=
-----END CERTIFICATE-----
`;

/** For *.d.test and *.lab.d.test; its common name is another host. */
export const wildcard = `-----BEGIN CERTIFICATE-----
MIIBtTCCAVugAwIBAgIUaw0QLOJPXrWuqaLzSyb26Pd8u3EwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTIyNjQyWhgPMjEy
NjEwMjgxMjI2NDJaMB4xHDAaBgNVBAMME2FueXRoaW5nLm90aGVyLnRlc3QwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAARynGxycTUQGxIdgjv++/kkzFGMYCz5V/ez
Kgb/ZXNoL0SGCankLICZ0AYjlw+GeU/XDrCzvTCLdwjLaUklgfDTo3oweDAhBgNV
HREEGjAYgggqLmQudGVzdIIMKi5sYWIuZC50ZXN0MBMGA1UdJQQMMAoGCCsGAQUF
BwMBMB0GA1UdDgQWBBRSFeGsSC9bhVB5mhRCnNEWWEdoVjAfBgNVHSMEGDAWgBSX
LnoUw21SLwwSv9hX2yus88lPJDAKBggqhkjOPQQDAgNIADBFAiAYfqSlMnouSGE8
/r7kkGQUp2H5k7Y5Lu5BBNWntM1LOwIhAIfuq55xrSklTC8nUUtTNipNw8rYTPt8
KVteoR9sBJiS
-----END CERTIFICATE-----
`;

/** Key of the wildcard certificate. */
export const wildcardKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtv6CR5zrEwg1vss0
43LXi31NsIvnzizmZpMZDezh09qhRANCAARynGxycTUQGxIdgjv++/kkzFGMYCz5
V/ezKgb/ZXNoL0SGCankLICZ0AYjlw+GeU/XDrCzvTCLdwjLaUklgfDT
-----END PRIVATE KEY-----
`;

/** Key of nothing. */
export const otherKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkDMY/9YemvEG2GtL
NdLCLpf1VQeh+vwY1f9E/J7uO5GhRANCAASGplOOBE+RHEAsW5CeqK0tct2e+6lm
cSx7JSCygkIEnOIB2tvPhy7sQ/LM4oiRNQK6BkS2B6ZTA1eTBNsgM+T4
-----END PRIVATE KEY-----
`;
