package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// One certificate that is wanted.
type request struct {
	Name         string   `json:"name"`
	CommonName   string   `json:"commonName"`
	Organization string   `json:"organization"`
	Hosts        []string `json:"hosts"`
}

// Reads requests from standard input and writes into a folder: an authority (ca), a pair of keys that signs the tokens
// of ServiceAccounts (sa), and for each request a certificate of the authority with its key.
func makePki(arguments []string) error {
	folder := arguments[0]
	var requests []request
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		return err
	}
	signer, err := newKey(folder, "ca")
	if err != nil {
		return err
	}
	id, err := keyID(&signer.PublicKey)
	if err != nil {
		return err
	}
	authority := &x509.Certificate{
		Subject: pkix.Name{CommonName: "datalab-node"},
		// What it signs names this key then. Without that, Python from 3.13 on trusts none of it.
		SubjectKeyId:          id,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	if err := sign(folder, "ca", authority, authority, &signer.PublicKey, signer); err != nil {
		return err
	}
	tokens, err := newKey(folder, "sa")
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&tokens.PublicKey)
	if err != nil {
		return err
	}
	if err := writePem(folder, "sa.pub", "PUBLIC KEY", public); err != nil {
		return err
	}
	for _, wanted := range requests {
		if err := issue(folder, wanted, authority, signer); err != nil {
			return err
		}
	}
	return nil
}

func issue(folder string, wanted request, authority *x509.Certificate, signer *ecdsa.PrivateKey) error {
	key, err := newKey(folder, wanted.Name)
	if err != nil {
		return err
	}
	certificate := &x509.Certificate{
		Subject:     pkix.Name{CommonName: wanted.CommonName},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	if wanted.Organization != "" {
		certificate.Subject.Organization = []string{wanted.Organization}
	}
	for _, host := range wanted.Hosts {
		if address := net.ParseIP(host); address != nil {
			certificate.IPAddresses = append(certificate.IPAddresses, address)
		} else {
			certificate.DNSNames = append(certificate.DNSNames, host)
		}
	}
	return sign(folder, wanted.Name, certificate, authority, &key.PublicKey, signer)
}

func sign(folder, name string, certificate, parent *x509.Certificate, key *ecdsa.PublicKey, signer *ecdsa.PrivateKey) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	certificate.SerialNumber = serial
	// Clocks of the past hour are tolerated; nothing of the bench lives for a year.
	certificate.NotBefore = time.Now().Add(-time.Hour)
	certificate.NotAfter = time.Now().AddDate(1, 0, 0)
	bytes, err := x509.CreateCertificate(rand.Reader, certificate, parent, key, signer)
	if err != nil {
		return err
	}
	return writePem(folder, name+".crt", "CERTIFICATE", bytes)
}

// An identifier of a key: the beginning of its digest, by RFC 7093.
func keyID(key *ecdsa.PublicKey) ([]byte, error) {
	bytes, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(bytes)
	return digest[:20], nil
}

func newKey(folder, name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	bytes, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePem(folder, name+".key", "EC PRIVATE KEY", bytes)
}

func writePem(folder, file, kind string, bytes []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})
	return os.WriteFile(filepath.Join(folder, file), text, 0o600)
}
