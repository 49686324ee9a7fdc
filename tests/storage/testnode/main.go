// Command testnode is what a node of a test cluster needs besides Kubernetes
// and containerd: the namespaces that it lives in, the CSI drivers of its
// volumes, and the images that its pods are made of. `cargo xtask cluster`
// starts and stops it.
package main

import (
	"fmt"
	"log"
	"os"

	"holdfast.test/testnode/driver"
	"holdfast.test/testnode/image"
	"holdfast.test/testnode/node"
)

func main() {
	log.SetFlags(log.Ldate | log.Ltime | log.Lmicroseconds)
	verbs := map[string]func([]string) error{
		"node":   node.Run,
		"inside": node.Inside,
		"driver": driver.Run,
		"images": image.Run,
	}
	var verb func([]string) error
	if len(os.Args) > 1 {
		verb = verbs[os.Args[1]]
	}
	if verb == nil {
		fmt.Fprintln(os.Stderr, "usage: testnode node|driver|images [flags]")
		os.Exit(2)
	}
	if err := verb(os.Args[2:]); err != nil {
		log.Fatalf("testnode %s: %v", os.Args[1], err)
	}
}
