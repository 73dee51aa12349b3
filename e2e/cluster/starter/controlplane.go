package main

import (
	"fmt"
	"net"
	"time"
)

const readyWithin = 90 * time.Second

// ControlPlane is a cluster without nodes that run pods.
type ControlPlane struct {
	level    Level
	state    State
	network  Network
	children *Children
}

// writeKeys writes keys, certificates and tokens; nothing runs yet.
func (plane *ControlPlane) writeKeys() error {
	authority, err := newAuthority(plane.state.path("ca.crt"))
	if err != nil {
		return err
	}
	names := []string{"kubernetes.default.svc", "kubernetes.default", "kubernetes", "kubernetes.default.svc.cluster.local"}
	addresses := []net.IP{plane.network.address, plane.network.firstService}
	if err := authority.issueServer(plane.state.path("apiserver"), names, addresses); err != nil {
		return err
	}
	if err := authority.issueClient(plane.state.path("apiserver-to-kubelet"), "apiserver", "system:masters"); err != nil {
		return err
	}
	if _, err := newKey(plane.state.path("service-accounts.key")); err != nil {
		return err
	}
	return writeUsers(plane.state, plane.network.server())
}

// start starts the programs, and returns when the API server answers.
func (plane *ControlPlane) start() error {
	if err := plane.children.keep(plane.state.program("etcd"), plane.etcdArguments()...); err != nil {
		return err
	}
	if err := plane.children.keep(plane.state.program("kube-apiserver"), plane.serverArguments()...); err != nil {
		return err
	}
	server, err := newServer(plane.state, plane.network.server())
	if err != nil {
		return err
	}
	if err := plane.children.until("the API server", readyWithin, server.isReady); err != nil {
		return err
	}
	if plane.level == LevelAPI {
		return nil
	}
	return plane.startControllers()
}

func (plane *ControlPlane) etcdArguments() []string {
	network := plane.network
	return []string{
		"--name=one",
		"--data-dir=" + plane.state.path("etcd"),
		"--listen-client-urls=" + network.etcd(),
		"--advertise-client-urls=" + network.etcd(),
		"--listen-peer-urls=" + network.peers(),
		"--initial-advertise-peer-urls=" + network.peers(),
		"--initial-cluster=one=" + network.peers(),
		"--quota-backend-bytes=8589934592",
	}
}

func (plane *ControlPlane) serverArguments() []string {
	state, address := plane.state, plane.network.address.String()
	arguments := []string{
		"--etcd-servers=" + plane.network.etcd(),
		"--bind-address=" + address,
		"--advertise-address=" + address,
		fmt.Sprintf("--secure-port=%d", serverPort),
		"--tls-cert-file=" + state.path("apiserver.crt"),
		"--tls-private-key-file=" + state.path("apiserver.key"),
		"--cert-dir=" + state.path("certificates"),
		"--token-auth-file=" + state.path("tokens.csv"),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--service-cluster-ip-range=" + plane.network.services,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + state.path("service-accounts.key"),
		"--service-account-signing-key-file=" + state.path("service-accounts.key"),
		"--allow-privileged=true",
	}
	return append(arguments, plane.serverArgumentsOfLevel()...)
}

func (plane *ControlPlane) serverArgumentsOfLevel() []string {
	switch plane.level {
	case LevelAPI:
		return []string{
			// A loopback address is no endpoint.
			"--endpoint-reconciler-type=none",
			// Nobody makes the namespaces' service accounts.
			"--disable-admission-plugins=ServiceAccount",
		}
	case LevelNodes:
		return []string{
			"--endpoint-reconciler-type=none",
			// New nodes would be "not ready" until a kubelet says that they are.
			"--disable-admission-plugins=TaintNodesByCondition",
		}
	}
	return []string{
		"--kubelet-client-certificate=" + plane.state.path("apiserver-to-kubelet.crt"),
		"--kubelet-client-key=" + plane.state.path("apiserver-to-kubelet.key"),
		"--kubelet-preferred-address-types=InternalIP",
	}
}

const schedulerConfiguration = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: %s, qps: 1000, burst: 2000}
`

func (plane *ControlPlane) startControllers() error {
	state, address := plane.state, plane.network.address.String()
	text := fmt.Sprintf(schedulerConfiguration, state.path("scheduler.kubeconfig"))
	if err := state.write("scheduler.yaml", text); err != nil {
		return err
	}
	if err := plane.children.keep(state.program("kube-scheduler"),
		"--config="+state.path("scheduler.yaml"),
		"--bind-address="+address,
		"--cert-dir="+state.path("certificates"),
	); err != nil {
		return err
	}
	controllers := "*"
	if plane.level == LevelNodes {
		// Nodes without a machine do not say that they live.
		controllers += ",-node-lifecycle-controller"
	}
	return plane.children.keep(state.program("kube-controller-manager"),
		"--kubeconfig="+state.path("controllers.kubeconfig"),
		"--bind-address="+address,
		"--cert-dir="+state.path("certificates"),
		"--controllers="+controllers,
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+state.path("service-accounts.key"),
		"--root-ca-file="+state.path("ca.crt"),
		"--kube-api-qps=1000", "--kube-api-burst=2000",
	)
}
