package node

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
)

// Run makes the namespaces and waits until the node ends or is to end.
func Run(words []string) error {
	flags := flag.NewFlagSet("node", flag.ExitOnError)
	path := flags.String("config", "", "what the node consists of")
	if err := flags.Parse(words); err != nil {
		return err
	}
	config, err := read(*path)
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)

	// The kernel counts the end of this thread as that of the parent.
	runtime.LockOSThread()
	inside := itself("inside", "-config", *path)
	inside.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		Pdeathsig:  syscall.SIGKILL,
	}
	if err := inside.Start(); err != nil {
		return fmt.Errorf("cannot make the node's namespaces: %w", err)
	}
	defer inside.Process.Kill()
	if err := command("ip", "link", "set", config.Link.Interface, "netns", strconv.Itoa(inside.Process.Pid)); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- inside.Wait() }()
	select {
	case err := <-ended:
		return fmt.Errorf("the node ended by itself: %v", err)
	case <-stop:
		// As process 1 it takes all others with it; none of them has anything to keep.
		_ = inside.Process.Kill()
		<-ended
		return nil
	}
}

// itself is this program once more.
func itself(words ...string) *exec.Cmd {
	again := exec.Command("/proc/self/exe", words...)
	again.Args[0] = "testnode"
	again.Stdout, again.Stderr = os.Stdout, os.Stderr
	return again
}

func command(words ...string) error {
	if said, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", words, err, said)
	}
	return nil
}
