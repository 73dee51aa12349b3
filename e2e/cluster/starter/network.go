package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
)

// Network says where a cluster is.
type Network struct {
	// Where etcd, the API server and the kubelet listen.
	address net.IP
	// The rest is for nodes that run pods. The machine's end of the cable to them:
	gateway net.IP
	pods    string
	// Addresses that stand for several pods, and the first of them, by which pods reach the API server.
	services     string
	firstService net.IP
}

const (
	etcdPort      = 2379
	etcdPeersPort = 2380
	serverPort    = 6443
)

func (network Network) server() string {
	return fmt.Sprintf("https://%s:%d", network.address, serverPort)
}
func (network Network) etcd() string { return fmt.Sprintf("http://%s:%d", network.address, etcdPort) }
func (network Network) peers() string {
	return fmt.Sprintf("http://%s:%d", network.address, etcdPeersPort)
}

// loopbackNetwork takes an address of its own out of 127.0.0.0/8: clusters beside one another need not
// look for free ports.
func loopbackNetwork() (Network, error) {
	var err error
	for range 20 {
		address := net.IPv4(127, byte(64+rand.IntN(128)), byte(rand.IntN(256)), byte(1+rand.IntN(254)))
		if err = isFree(address); err == nil {
			return Network{address: address, services: "10.91.0.0/16", firstService: net.IPv4(10, 91, 0, 1)}, nil
		}
	}
	return Network{}, err
}

func isFree(address net.IP) error {
	for _, port := range []int{etcdPort, etcdPeersPort, serverPort} {
		listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: address, Port: port})
		if err != nil {
			return err
		}
		listener.Close()
	}
	return nil
}

// nodeNetwork is that of a node in a network namespace: a cable to the machine, and the pods behind it.
func nodeNetwork(number byte) Network {
	return Network{
		address:      net.IPv4(10, 89, number, 2),
		gateway:      net.IPv4(10, 89, number, 1),
		pods:         fmt.Sprintf("10.90.%d.0/24", number),
		services:     fmt.Sprintf("10.91.%d.0/24", number),
		firstService: net.IPv4(10, 91, number, 1),
	}
}

// freeNodeNetwork gives the number of one that nothing on this machine uses.
func freeNodeNetwork() (byte, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return 0, err
	}
	for range 20 {
		number := byte(1 + rand.IntN(254))
		gateway := nodeNetwork(number).gateway
		used := slices.ContainsFunc(addresses, func(address net.Addr) bool {
			block, isBlock := address.(*net.IPNet)
			return isBlock && block.Contains(gateway)
		})
		if !used {
			return number, nil
		}
	}
	return 0, errors.New("no network 10.89.N.0/24 is free")
}
