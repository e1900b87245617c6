// Command pulumi-resource-tls is Terraform's provider "tls" as a Pulumi plugin.
package main

import (
	"datalab/toolchain/pulumi/bridge"

	shim "github.com/hashicorp/terraform-provider-tls/shim"
)

// Version is stamped by the build.
var Version string

func main() {
	bridge.Main("tls", Version, shim.New(), map[string]string{
		"tls_cert_request":        "CertRequest",
		"tls_locally_signed_cert": "LocallySignedCert",
		"tls_private_key":         "PrivateKey",
		"tls_self_signed_cert":    "SelfSignedCert",
	}, map[string]string{
		"tls_certificate": "getCertificate",
		"tls_public_key":  "getPublicKey",
	})
}
