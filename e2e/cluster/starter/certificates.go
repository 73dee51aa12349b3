package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"
)

// Authority signs what the parts of one cluster show each other.
type Authority struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

const certificatesLast = 30 * 24 * time.Hour

// newAuthority makes one, and writes its certificate.
func newAuthority(path string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificateFor(pkix.Name{CommonName: "streamspace-test-cluster"})
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage |= x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Authority{key, certificate}, writePEM(path, "CERTIFICATE", der)
}

// issueServer writes PATH.crt and PATH.key for a server.
func (authority *Authority) issueServer(path string, names []string, addresses []net.IP) error {
	template := certificateFor(pkix.Name{CommonName: names[0]})
	template.DNSNames, template.IPAddresses = names, addresses
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return authority.issue(path, template)
}

// issueClient writes PATH.crt and PATH.key for a user of that name.
func (authority *Authority) issueClient(path, name, group string) error {
	template := certificateFor(pkix.Name{CommonName: name, Organization: []string{group}})
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return authority.issue(path, template)
}

func (authority *Authority) issue(path string, template *x509.Certificate) error {
	key, err := newKey(path + ".key")
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority.certificate, key.Public(), authority.key)
	if err != nil {
		return err
	}
	return writePEM(path+".crt", "CERTIFICATE", der)
}

func certificateFor(subject pkix.Name) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		// Clocks of other machines are none of our business, but that of this one may be set back.
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(certificatesLast),
		KeyUsage:  x509.KeyUsageDigitalSignature,
	}
}

// newKey makes a key and writes it. Service accounts' tokens are signed by one without a certificate.
func newKey(path string) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
