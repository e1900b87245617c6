/**
 * Keys of SSH in people's entries, which OpenLDAP brings no schema for. Names and numbers are those of the OpenSSH-LPK
 * patch, which sshd's and SSSD's documents go by; the key itself is optional here.
 */
export const sshKeySchema = `attributetype ( 1.3.6.1.4.1.24552.500.1.1.1.13 NAME 'sshPublicKey'
  DESC 'Public key of SSH'
  EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )

objectclass ( 1.3.6.1.4.1.24552.500.1.1.2.0 NAME 'ldapPublicKey'
  DESC 'Has public keys of SSH'
  SUP top AUXILIARY
  MAY ( sshPublicKey $ uid ) )
`;
