package node

import (
	"log"
	"os"
	"os/exec"
	"time"
)

// pause is how long a process that ended waits for its next start.
const pause = 500 * time.Millisecond

// start brings up the processes one after the other and never returns unless one
// cannot be started.
func (c *Config) start() error {
	for _, process := range c.Processes {
		for _, path := range process.After {
			exists := func() error {
				_, err := os.Stat(path)
				return err
			}
			if err := until(path, exists); err != nil {
				return err
			}
		}
		output, err := os.OpenFile(process.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		go process.keep(output)
		for _, words := range process.Then {
			if err := until(process.Name, func() error { return command(words...) }); err != nil {
				return err
			}
		}
		log.Printf("%s runs", process.Name)
	}
	select {}
}

// keep starts the process again whenever it ends. The sidecars end when their
// driver does: https://github.com/kubernetes-csi/csi-lib-utils has them do that.
func (p *Process) keep(output *os.File) {
	for {
		run := exec.Command(p.Program, p.Arguments...)
		run.Stdout, run.Stderr = output, output
		err := run.Run()
		log.Printf("%s ended (%v) and is started again; it says why in %s", p.Name, err, p.Log)
		time.Sleep(pause)
	}
}
