// Package region keeps the disks and snapshots of all clusters of one region in
// one folder, so that a snapshot made through one cluster can be used by another
// one through its handle.
//
// Nothing is kept in memory: each call reads the folder, and what is there is
// there as a whole, because it was renamed into place. So any number of driver
// processes share a region.
//
//	volumes/<name>/record.json    what is known of a volume
//	volumes/<name>/data           its files
//	snapshots/<name>/...          the same of a snapshot
//	unfinished/                   what is being made or removed
//	faults.json                   what is to go wrong
package region

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrNotFound says that no record has the handle.
var ErrNotFound = errors.New("not found")

// Record is what is known of one volume or snapshot.
type Record struct {
	Handle string `json:"handle"`
	Driver string `json:"driver"`
	Size   int64  `json:"size"`
	// Source is the handle that the data was copied from: a volume's snapshot, or
	// a snapshot's volume.
	Source  string    `json:"source,omitempty"`
	Created time.Time `json:"created"`
	// ReadyAt is when a snapshot says for the first time that it is ready.
	ReadyAt    time.Time         `json:"ready_at,omitzero"`
	Parameters map[string]string `json:"parameters,omitempty"`
	// Claim and Namespace name the claim that a volume was made for. A snapshot
	// has those of its volume.
	Claim     string `json:"claim,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	// Snapshot is the VolumeSnapshot that a snapshot was made for, with its namespace.
	Snapshot string `json:"snapshot,omitempty"`

	folder string
}

// Data is the folder of its files.
func (r *Record) Data() string { return filepath.Join(r.folder, "data") }

// Region is the folder.
type Region struct{ root string }

// Open makes the folder where it is not there yet.
func Open(root string) (*Region, error) {
	for _, kind := range []string{"volumes", "snapshots", "unfinished"} {
		if err := os.MkdirAll(filepath.Join(root, kind), 0o700); err != nil {
			return nil, err
		}
	}
	return &Region{root}, nil
}

// Volumes are the region's volumes.
func (r *Region) Volumes() Shelf { return Shelf{r.root, "volumes"} }

// Snapshots are the region's snapshots.
func (r *Region) Snapshots() Shelf { return Shelf{r.root, "snapshots"} }

// Shelf is one kind of things in a region.
type Shelf struct{ root, kind string }

// name is the last word of a handle: the third of `group#account#share`, or what
// follows the last slash. It is empty where that cannot be a folder's name.
func name(handle string) string {
	name := handle
	if words := strings.Split(handle, "#"); len(words) > 2 {
		name = words[2]
	} else if at := strings.LastIndexByte(handle, '/'); at >= 0 {
		name = handle[at+1:]
	}
	if strings.HasPrefix(name, ".") || strings.ContainsAny(name, "/\x00") {
		return ""
	}
	return name
}

func (s Shelf) folder(name string) string { return filepath.Join(s.root, s.kind, name) }

// Get looks a handle up. Letters' case does not matter, as in Azure.
func (s Shelf) Get(handle string) (*Record, error) {
	name := name(handle)
	if name == "" {
		return nil, fmt.Errorf("%s: %w", handle, ErrNotFound)
	}
	record, err := s.read(name)
	if err == nil && !strings.EqualFold(record.Handle, handle) {
		return nil, fmt.Errorf("%s: %w", handle, ErrNotFound)
	}
	return record, err
}

func (s Shelf) read(name string) (*Record, error) {
	record := &Record{folder: s.folder(name)}
	text, err := os.ReadFile(filepath.Join(record.folder, "record.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, ErrNotFound)
	} else if err != nil {
		return nil, err
	}
	return record, json.Unmarshal(text, record)
}

// List gives all records, sorted by name.
func (s Shelf) List() ([]*Record, error) {
	entries, err := os.ReadDir(filepath.Join(s.root, s.kind))
	if err != nil {
		return nil, err
	}
	var records []*Record
	for _, entry := range entries {
		record, err := s.read(entry.Name())
		if errors.Is(err, ErrNotFound) {
			continue // removed meanwhile
		} else if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// Add makes a volume or snapshot with a copy of the files in `from`, or none. It
// is there with all of its data or not at all.
func (s Shelf) Add(record *Record, from string) error {
	name := name(record.Handle)
	if name == "" {
		return fmt.Errorf("no folder can be called like %q", record.Handle)
	}
	unfinished, err := os.MkdirTemp(filepath.Join(s.root, "unfinished"), name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	data := filepath.Join(unfinished, "data")
	// As the root of a new file system: root's, for everybody to read.
	if err := os.Mkdir(data, 0o755); err != nil {
		return err
	}
	if from != "" {
		if err := copyTree(from, data); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(unfinished, "record.json"), text, 0o600); err != nil {
		return err
	}
	record.folder = s.folder(name)
	return os.Rename(unfinished, record.folder)
}

// Remove removes what has the handle; that there is none is as good.
func (s Shelf) Remove(handle string) error {
	record, err := s.Get(handle)
	if errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	gone, err := os.MkdirTemp(filepath.Join(s.root, "unfinished"), "gone-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(gone)
	err = os.Rename(record.folder, filepath.Join(gone, "removed"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// copyTree copies everything with owners, modes and times. A file that goes away
// under way is no failure: whoever copies a live folder gets what there was.
func copyTree(from, to string) error {
	command := exec.Command("cp", "-a", "--reflink=auto", from+"/.", to)
	command.Env = append(os.Environ(), "LC_ALL=C")
	said, err := command.CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(strings.TrimSpace(string(said))) {
		if !strings.HasSuffix(strings.TrimSpace(line), "No such file or directory") {
			return fmt.Errorf("cannot copy %s: %w: %s", from, err, said)
		}
	}
	if _, gone := os.Stat(from); gone != nil || len(said) == 0 {
		return fmt.Errorf("cannot copy %s: %w: %s", from, err, said)
	}
	return nil
}
