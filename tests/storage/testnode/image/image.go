// Package image writes images without a registry: a file as `docker save` makes
// it, for `ctr images import`.
package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Run writes the images of the test node: busybox, the sandbox of pods, and the
// ledger.
func Run(words []string) error {
	flags := flag.NewFlagSet("images", flag.ExitOnError)
	out := flags.String("out", "", "the file to write")
	busybox := flags.String("busybox", "/bin/busybox", "a static busybox")
	ledger := flags.String("ledger", "", "the static ledger program")
	if err := flags.Parse(words); err != nil {
		return err
	}
	base, err := shell(*busybox)
	if err != nil {
		return err
	}
	program, err := program(*ledger)
	if err != nil {
		return err
	}
	withLedger := append(append([]file{}, base...), file{name: "bin/ledger", mode: 0o755, content: program})
	text, err := archive([]picture{
		{"holdfast.test/busybox:1", base, []string{"/bin/sh"}},
		{"holdfast.test/pause:1", base, []string{"/bin/sleep", "2147483647"}},
		{"holdfast.test/ledger:1", withLedger, []string{"/bin/ledger"}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(*out, text, 0o600)
}

type picture struct {
	tag     string
	files   []file
	command []string
}

type file struct {
	name    string
	mode    int64
	content []byte
	link    string
}

// shell is busybox under all of its names.
func shell(path string) ([]file, error) {
	content, err := program(path)
	if err != nil {
		return nil, err
	}
	said, err := exec.Command(path, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("cannot ask %s for its names: %w", path, err)
	}
	files := []file{
		{name: "bin/", mode: 0o755}, {name: "etc/", mode: 0o755}, {name: "run/", mode: 0o755}, {name: "tmp/", mode: 0o1777},
		{name: "etc/passwd", mode: 0o644, content: []byte("root:x:0:0:root:/:/bin/sh\n")},
		{name: "etc/group", mode: 0o644, content: []byte("root:x:0:\n")},
		{name: "bin/busybox", mode: 0o755, content: content},
	}
	for _, name := range strings.Fields(string(said)) {
		if name != "busybox" {
			files = append(files, file{name: "bin/" + name, link: "busybox"})
		}
	}
	return files, nil
}

// program reads a program that runs without any library.
func program(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parsed, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, part := range parsed.Progs {
		if part.Type == elf.PT_INTERP {
			return nil, fmt.Errorf("%s is not static (Debian has one in its package busybox-static)", path)
		}
	}
	return content, nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func pack(files []file) ([]byte, error) {
	var out bytes.Buffer
	writer := tar.NewWriter(&out)
	for _, file := range files {
		header := &tar.Header{Name: file.name, Mode: file.mode, Size: int64(len(file.content)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(file.name, "/") {
			header.Typeflag = tar.TypeDir
		} else if file.link != "" {
			header.Typeflag, header.Linkname, header.Mode = tar.TypeSymlink, file.link, 0o777
		}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(file.content); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func archive(pictures []picture) ([]byte, error) {
	var files []file
	var manifest []map[string]any
	seen := map[string]bool{}
	for _, picture := range pictures {
		layer, err := pack(picture.files)
		if err != nil {
			return nil, err
		}
		config, err := json.Marshal(map[string]any{
			"architecture": runtime.GOARCH,
			"os":           "linux",
			"config":       map[string]any{"Env": []string{"PATH=/bin"}, "Cmd": picture.command},
			"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
		})
		if err != nil {
			return nil, err
		}
		layerName, configName := digest(layer)+".tar", digest(config)+".json"
		for name, content := range map[string][]byte{layerName: layer, configName: config} {
			if !seen[name] {
				files = append(files, file{name: name, mode: 0o644, content: content})
				seen[name] = true
			}
		}
		manifest = append(manifest, map[string]any{"Config": configName, "RepoTags": []string{picture.tag}, "Layers": []string{layerName}})
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		return nil, err
	}
	return pack(append(files, file{name: "manifest.json", mode: 0o644, content: text}))
}
