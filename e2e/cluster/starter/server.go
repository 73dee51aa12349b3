package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"time"
)

// Server is the API server, asked as its administrator.
type Server struct {
	url    string
	token  string
	client http.Client
}

func newServer(state State, url string) (*Server, error) {
	authority, err := os.ReadFile(state.path("ca.crt"))
	if err != nil {
		return nil, err
	}
	token, err := adminToken(state)
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}}
	return &Server{url, token, http.Client{Transport: transport, Timeout: 5 * time.Second}}, err
}

func (server *Server) isReady() bool {
	return server.get("/readyz", nil) == nil
}

// nodeIsReady says whether pods can be given to the node.
func (server *Server) nodeIsReady() bool {
	var node struct {
		Status struct {
			Conditions []struct{ Type, Status string }
		}
	}
	if server.get("/api/v1/nodes/"+nodeName, &node) != nil {
		return false
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == "Ready" {
			return condition.Status == "True"
		}
	}
	return false
}

func (server *Server) get(path string, answer any) error {
	request, err := http.NewRequest(http.MethodGet, server.url+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+server.token)
	response, err := server.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return &http.ProtocolError{ErrorString: response.Status}
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
