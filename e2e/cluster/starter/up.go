package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// up starts a supervisor, prints the path of the kubeconfig when the cluster can be used, and stays or not.
func up(options options) error {
	if given := os.Getenv("KUBECONFIG"); given != "" {
		fmt.Fprintln(os.Stderr, "cluster: KUBECONFIG names one, so none is started")
		fmt.Println(given)
		if options.untilStdinCloses {
			waitUntilUnwanted(options)
		}
		return nil
	}
	if options.level != LevelAPI && kubernetesProgram() == "" {
		return errors.New("KUBEBUILDER_ASSETS has etcd and kube-apiserver, which is level api; unset it for more")
	}
	if options.level == LevelNode && os.Geteuid() != 0 {
		return errors.New("a node that runs pods needs root; levels api and nodes do not")
	}
	state, err := newState(options.state)
	if err != nil {
		return err
	}
	supervisor, err := startSupervisor(state, options)
	if err != nil {
		return err
	}
	if err := supervisor.waitUntilReady(); err != nil {
		return err
	}
	fmt.Println(state.kubeconfig())
	if !options.untilStdinCloses {
		return nil
	}
	return supervisor.stay(options)
}

func down(folder string) error {
	state := State(folder)
	return errors.Join(state.stopSupervisor(), state.remove())
}

// Supervisor is the process that keeps the cluster, seen from the one that has started it.
type Supervisor struct {
	command *exec.Cmd
	// It ends with this, however this process ends.
	lifeline io.Closer
	report   *bufio.Reader
}

func startSupervisor(state State, options options) (*Supervisor, error) {
	arguments := []string{"supervise", "--level", string(options.level), "--state", string(state)}
	if options.untilStdinCloses {
		arguments = append(arguments, "--until-stdin-closes")
	}
	command := exec.Command("/proc/self/exe", arguments...)
	// What ends a terminal's or a test's group of processes is not to end it before it has cleaned up.
	command.Args[0] = "streamspace-cluster"
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Stderr = os.Stderr
	report, reportEnd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reportEnd.Close()
	command.ExtraFiles = []*os.File{reportEnd}
	lifeline := io.Closer(io.NopCloser(nil))
	if options.untilStdinCloses {
		if lifeline, err = command.StdinPipe(); err != nil {
			return nil, err
		}
	} else {
		command.Stderr = nil
	}
	return &Supervisor{command, lifeline, bufio.NewReader(report)}, command.Start()
}

// The descriptor on which it says that the cluster can be used, or why not.
const reportDescriptor = 3

const ready = "ready"

func (supervisor *Supervisor) waitUntilReady() error {
	line, err := supervisor.report.ReadString('\n')
	if strings.TrimSpace(line) == ready {
		return nil
	}
	rest, _ := io.ReadAll(supervisor.report)
	supervisor.command.Wait()
	if err != nil && line == "" {
		return errors.New("the supervisor has ended")
	}
	return errors.New(strings.TrimSpace(line + string(rest)))
}

// stay returns when the cluster has ended, by its own fault or because nobody wants it any more.
func (supervisor *Supervisor) stay(options options) error {
	go func() {
		waitUntilUnwanted(options)
		supervisor.lifeline.Close()
	}()
	if err := supervisor.command.Wait(); err != nil {
		return fmt.Errorf("the supervisor has ended: %w", err)
	}
	return nil
}

// kubectl becomes that program.
func kubectl(options options) error {
	state := State(options.state)
	program, configuration := state.program("kubectl"), state.kubeconfig()
	if given := os.Getenv("KUBECONFIG"); given != "" {
		var err error
		if program, err = exec.LookPath("kubectl"); err != nil {
			return fmt.Errorf("to talk to the cluster of KUBECONFIG: %w", err)
		}
		configuration = given
	}
	environment := append(os.Environ(), "KUBECONFIG="+configuration)
	return syscall.Exec(program, append([]string{"kubectl"}, options.rest...), environment)
}

// The program that is all of Kubernetes' parts, by its name.
func kubernetesProgram() string { return os.Getenv("STREAMSPACE_KUBERNETES") }

// linkPrograms puts a link to each program into the state's folder.
func linkPrograms(state State) error {
	for name, target := range programs() {
		if target == "" {
			continue
		}
		if err := os.Symlink(target, state.program(name)); err != nil {
			return err
		}
	}
	return nil
}

var partsOfKubernetes = []string{
	"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubectl",
}

func programs() map[string]string {
	found := map[string]string{}
	for _, name := range partsOfKubernetes {
		found[name] = kubernetesProgram()
	}
	found["etcd"], _ = exec.LookPath("etcd")
	if assets := os.Getenv("KUBEBUILDER_ASSETS"); assets != "" {
		for _, name := range []string{"etcd", "kube-apiserver", "kubectl"} {
			found[name] = filepath.Join(assets, name)
		}
	}
	return found
}
