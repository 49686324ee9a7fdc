package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func copied(t *testing.T, folders []string) []string {
	t.Helper()
	var copies []string
	for _, folder := range folders {
		to := t.TempDir()
		if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, to)
	}
	return copies
}

func TestOnlyACopyOfAFrozenLedgerIsConsistent(t *testing.T) {
	folders := []string{t.TempDir(), t.TempDir()}
	state, err := open(folders)
	if err != nil {
		t.Fatal(err)
	}
	book := &book{state: state}
	go book.trade()
	go book.flush()
	time.Sleep(300 * time.Millisecond)
	bad := 0
	for range 10 {
		if _, err := load(copied(t, folders)); err != nil {
			bad++
		}
	}
	if bad < 9 {
		t.Errorf("only %d of 10 live copies are inconsistent", bad)
	}
	for range 5 {
		if err := book.freeze(time.Minute); err != nil {
			t.Fatal(err)
		}
		copies := copied(t, folders)
		again, err := load(copies)
		if err != nil {
			t.Fatalf("a frozen ledger: %v", err)
		}
		if _, err := load(copies[:1]); err == nil || !strings.Contains(err.Error(), "is not there") {
			t.Fatalf("half of the folders: %v", err)
		}
		book.thaw()
		time.Sleep(50 * time.Millisecond)
		if now := book.status().Transfers; now <= again.transfers {
			t.Fatalf("no transfers after the thaw: %d", now)
		}
	}
}

func TestAFreezeReleasesItselfAndALaterOneCounts(t *testing.T) {
	state, err := open([]string{filepath.Join(t.TempDir(), "new")})
	if err != nil {
		t.Fatal(err)
	}
	book := &book{state: state}
	book.thaw()
	if err := book.freeze(100 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := book.freeze(300 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	time.Sleep(150 * time.Millisecond)
	if !book.status().Frozen {
		t.Error("the first limit released the second freeze")
	}
	time.Sleep(300 * time.Millisecond)
	if status := book.status(); status.Frozen || status.ReleasedByLimit != 1 {
		t.Errorf("not released: %+v", status)
	}
}
