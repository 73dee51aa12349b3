package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
)

// User is who shows a token to the API server; the rights follow from name and group.
type User struct {
	// The name of its kubeconfig in the state's folder.
	kubeconfig string
	name       string
	group      string
}

const nodeName = "streamspace-node"

var users = []User{
	{"kubeconfig", "admin", "system:masters"},
	{"scheduler.kubeconfig", "system:kube-scheduler", ""},
	{"controllers.kubeconfig", "system:kube-controller-manager", ""},
	{"proxy.kubeconfig", "system:kube-proxy", ""},
	{"kubelet.kubeconfig", "system:node:" + nodeName, "system:nodes"},
}

// writeUsers writes the API server's list of tokens, and a kubeconfig for each.
func writeUsers(state State, server string) error {
	authority, err := os.ReadFile(state.path("ca.crt"))
	if err != nil {
		return err
	}
	var list strings.Builder
	for _, user := range users {
		token := rand.Text()
		fmt.Fprintf(&list, "%s,%s,%s,%q\n", token, user.name, user.name, user.group)
		if err := state.write(user.kubeconfig, kubeconfig(server, authority, user.name, token)); err != nil {
			return err
		}
	}
	return state.write("tokens.csv", list.String())
}

// The administrator's, who is the list's first.
func adminToken(state State) (string, error) {
	list, err := os.ReadFile(state.path("tokens.csv"))
	token, _, _ := strings.Cut(string(list), ",")
	return token, err
}

func kubeconfig(server string, authority []byte, user, token string) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: streamspace-test
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: %s
  user:
    token: %s
contexts:
- name: streamspace-test
  context:
    cluster: streamspace-test
    user: %s
current-context: streamspace-test
`, server, base64.StdEncoding.EncodeToString(authority), user, token, user)
}
