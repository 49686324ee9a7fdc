package node

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// patience is how long anything here may take to come about.
const patience = time.Minute

// Inside is process 1 of the node, or what it supervises.
func Inside(words []string) error {
	flags := flag.NewFlagSet("inside", flag.ExitOnError)
	path := flags.String("config", "", "what the node consists of")
	supervise := flags.Bool("supervise", false, "start everything")
	if err := flags.Parse(words); err != nil {
		return err
	}
	config, err := read(*path)
	if err != nil {
		return err
	}
	if !*supervise {
		return first(config, *path)
	}
	if err := config.join(); err != nil {
		return err
	}
	return config.start()
}

// first mounts, starts the supervisor and takes in orphans until it ends.
func first(config *Config, path string) error {
	if err := config.mount(); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(config.Name)); err != nil {
		return err
	}
	supervisor := itself("inside", "-config", path, "-supervise")
	if err := supervisor.Start(); err != nil {
		return err
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err != nil && err != syscall.EINTR {
			return err
		}
		if pid == supervisor.Process.Pid {
			return fmt.Errorf("the supervisor ended: %v", status)
		}
	}
}

// mount gives the node a view of its own of the machine's folders.
func (c *Config) mount() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("cannot keep mounts from spreading: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("cannot mount /proc: %w", err)
	}
	for place, folder := range c.Places {
		if err := os.MkdirAll(place, 0o755); err != nil {
			return err
		}
		source, kind, flags, options := "tmpfs", "tmpfs", uintptr(0), "mode=755"
		if folder != "" {
			source, kind, flags, options = folder, "", syscall.MS_BIND, ""
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
		}
		if err := syscall.Mount(source, place, kind, flags, options); err != nil {
			return fmt.Errorf("cannot mount over %s: %w", place, err)
		}
	}
	for setting, text := range c.Settings {
		if _, err := os.Stat(setting); errors.Is(err, os.ErrNotExist) {
			continue
		}
		file := filepath.Join(c.Scratch, strings.ReplaceAll(strings.Trim(setting, "/"), "/", "."))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		if err := syscall.Mount(file, setting, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("cannot shield %s: %w", setting, err)
		}
	}
	for _, place := range c.Shared {
		if err := syscall.Mount("", place, "", syscall.MS_SHARED, ""); err != nil {
			return fmt.Errorf("cannot share %s: %w", place, err)
		}
	}
	return nil
}

// join connects the node's network with the machine's, once its end of the link
// has arrived.
func (c *Config) join() error {
	arrived := func() error {
		_, err := net.InterfaceByName(c.Link.Interface)
		return err
	}
	if err := until("the link", arrived); err != nil {
		return err
	}
	commands := [][]string{
		{"ip", "link", "set", "lo", "up"},
		{"ip", "address", "add", c.Link.Address, "dev", c.Link.Interface},
		{"ip", "link", "set", c.Link.Interface, "up"},
		{"ip", "route", "add", "default", "via", c.Link.Gateway},
	}
	for _, forward := range c.Forward {
		address, _, err := net.SplitHostPort(forward.From)
		if err != nil {
			return err
		}
		commands = append(commands, []string{"ip", "address", "add", address + "/32", "dev", "lo"})
	}
	for _, words := range commands {
		if err := command(words...); err != nil {
			return err
		}
	}
	// Pods have their default route through the node.
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		return err
	}
	for _, forward := range c.Forward {
		listener, err := net.Listen("tcp", forward.From)
		if err != nil {
			return err
		}
		go forward.serve(listener)
	}
	return nil
}

func (f Forward) serve(listener net.Listener) {
	for {
		here, err := listener.Accept()
		if err != nil {
			log.Printf("%s: %v", f.From, err)
			return
		}
		go func() {
			defer here.Close()
			there, err := net.Dial("tcp", f.To)
			if err != nil {
				log.Printf("%s: %v", f.From, err)
				return
			}
			defer there.Close()
			done := make(chan struct{}, 2)
			pass := func(to, from net.Conn) {
				_, _ = io.Copy(to, from)
				done <- struct{}{}
			}
			go pass(there, here)
			go pass(here, there)
			<-done
		}()
	}
}

// until tries something until it succeeds.
func until(what string, try func() error) error {
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := try()
		if err == nil {
			return nil
		}
		if time.Since(began) > patience {
			return fmt.Errorf("waited %v for %s: %w", patience, what, err)
		}
	}
}
