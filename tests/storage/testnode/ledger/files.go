package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	parts           = 8
	accountsPerPart = 16
	openingBalance  = 1000
	// partSize is the size of each file, so that it can be written in place.
	partSize = 4096
)

// state is a whole ledger: one file per part, spread over the folders.
type state struct {
	id        string
	transfers int64
	balances  [parts * accountsPerPart]int64
	files     [parts]*os.File
}

// part is what a file holds.
type part struct {
	Ledger    string                 `json:"ledger"`
	Part      int                    `json:"part"`
	Parts     int                    `json:"parts"`
	Transfers int64                  `json:"transfers"`
	Balances  [accountsPerPart]int64 `json:"balances"`
}

func fileName(number int) string { return fmt.Sprintf("part-%d.ledger", number) }

// load reads and verifies a ledger.
func load(folders []string) (*state, error) {
	state := &state{}
	seen := [parts]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "part-*.ledger"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			part, err := readPart(file)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			switch {
			case part.Parts != parts || part.Part < 0 || part.Part >= parts:
				return nil, fmt.Errorf("%s is part %d of %d", file, part.Part, part.Parts)
			case seen[part.Part]:
				return nil, fmt.Errorf("part %d is there twice", part.Part)
			case state.id != "" && state.id != part.Ledger:
				return nil, fmt.Errorf("%s belongs to the ledger %s, another file to %s", file, part.Ledger, state.id)
			case state.id != "" && state.transfers != part.Transfers:
				return nil, fmt.Errorf("%s is at transfer %d, another file at %d", file, part.Transfers, state.transfers)
			}
			seen[part.Part], state.id, state.transfers = true, part.Ledger, part.Transfers
			copy(state.balances[part.Part*accountsPerPart:], part.Balances[:])
		}
	}
	sum := int64(0)
	for number, seen := range seen {
		if !seen {
			return nil, fmt.Errorf("part %d of %d is not there", number, parts)
		}
	}
	for _, balance := range state.balances {
		sum += balance
	}
	if want := int64(len(state.balances)) * openingBalance; sum != want {
		return nil, fmt.Errorf("the balances are %d in all and should be %d", sum, want)
	}
	return state, nil
}

func readPart(path string) (*part, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	body, rest, _ := bytes.Cut(text, []byte("\n"))
	sum, _, _ := bytes.Cut(rest, []byte("\n"))
	digest := sha256.Sum256(body)
	if hex.EncodeToString(digest[:]) != string(sum) {
		return nil, errors.New("the checksum does not match")
	}
	part := &part{}
	return part, json.Unmarshal(body, part)
}

// open goes on from the ledger in the folders, or begins one where they hold none.
func open(folders []string) (*state, error) {
	begun := false
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		files, err := filepath.Glob(filepath.Join(folder, "part-*.ledger"))
		if err != nil {
			return nil, err
		}
		begun = begun || len(files) > 0
	}
	if begun {
		state, err := load(folders)
		if err != nil {
			return nil, err
		}
		return state, state.openFiles(folders)
	}
	state := &state{id: rand.Text()}
	for account := range state.balances {
		state.balances[account] = openingBalance
	}
	for number := range parts {
		file, err := os.Create(filepath.Join(folders[number%len(folders)], fileName(number)))
		if err != nil {
			return nil, err
		}
		state.files[number] = file
	}
	return state, state.writeAll()
}

func (s *state) openFiles(folders []string) error {
	for number := range parts {
		for _, folder := range folders {
			file, err := os.OpenFile(filepath.Join(folder, fileName(number)), os.O_RDWR, 0)
			if err == nil {
				s.files[number] = file
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// encode gives a part as of now.
func (s *state) encode(number int) ([]byte, error) {
	part := part{Ledger: s.id, Part: number, Parts: parts, Transfers: s.transfers}
	copy(part.Balances[:], s.balances[number*accountsPerPart:])
	body, err := json.Marshal(part)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(body)
	text := append(body, '\n')
	text = append(text, hex.EncodeToString(digest[:])...)
	text = append(text, '\n')
	if len(text) > partSize {
		return nil, fmt.Errorf("part %d has become too long", number)
	}
	return append(text, bytes.Repeat([]byte(" "), partSize-len(text))...), nil
}

// writeAll writes and syncs every part as of now.
func (s *state) writeAll() error {
	for number, file := range s.files {
		text, err := s.encode(number)
		if err != nil {
			return err
		}
		if _, err := file.WriteAt(text, 0); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
	}
	return nil
}
