// Package node runs the processes of one node in namespaces of their own: mounts,
// network, processes. Whatever ends the outermost process ends all of them, and
// the kernel takes away what they mounted and the interfaces they made.
//
//	node      in the machine's namespaces; its end is the node's end
//	inside    process 1 of the node: takes in orphans
//	inside -supervise
//	          prepares mounts and network, then starts containerd, the kubelet,
//	          the drivers and their sidecars, and starts again what ends
package node

import (
	"encoding/json"
	"fmt"
	"os"
)

// Config is a node as `cargo xtask cluster` wants it.
type Config struct {
	// Name becomes the node's host name.
	Name string `json:"name"`
	// Link is the interface that is the node's end of its link to the machine.
	Link Link `json:"link"`
	// Places are folders in whose place the node sees others: the one that is named,
	// or an empty one in memory. So all nodes have the same paths, as real ones do,
	// and short ones: a socket's ends at 107 bytes.
	Places map[string]string `json:"places"`
	// Settings are the kernel's settings for the whole machine that the node's
	// programs would change: they see a file with this text instead.
	Settings map[string]string `json:"settings"`
	// Shared are those places whose mounts containers may see come and go.
	Shared []string `json:"shared"`
	// Forward is what the node listens on for others.
	Forward []Forward `json:"forward"`
	// Processes are started in this order.
	Processes []Process `json:"processes"`
	// Scratch is a folder for files of this program's own.
	Scratch string `json:"scratch"`
}

// Link is a network interface with its address (`10.0.0.2/30`) and who is at the
// other end.
type Link struct {
	Interface string `json:"interface"`
	Address   string `json:"address"`
	Gateway   string `json:"gateway"`
}

// Forward passes on the connections to an address, which becomes the node's own.
type Forward struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Process is a program that is to run as long as the node does.
type Process struct {
	Name      string   `json:"name"`
	Program   string   `json:"program"`
	Arguments []string `json:"arguments"`
	Log       string   `json:"log"`
	// After are files that have to be there first.
	After []string `json:"after"`
	// Then are commands to run when it has started, each until it succeeds.
	Then [][]string `json:"then"`
}

func read(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	config := &Config{}
	if err := json.Unmarshal(text, config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return config, nil
}
