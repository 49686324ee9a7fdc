package main

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// tick is the time between two transfers: about five hundred a second.
	tick = 2 * time.Millisecond
	// between is the time from the writing of one part to that of the next.
	between = 15 * time.Millisecond
)

// book is a ledger at work. Transfers happen in memory; the parts are written
// one after the other, each as it is at its turn, and so never are of one moment
// unless the book is frozen.
type book struct {
	mutex  sync.Mutex
	state  *state
	frozen bool
	since  time.Time
	// limit releases the book when its time is over.
	limit           *time.Timer
	freezes         int
	releasedByLimit int
}

// Status is what `ledger status` prints.
type Status struct {
	Frozen          bool  `json:"frozen"`
	FrozenForMS     int64 `json:"frozen_for_ms"`
	Freezes         int   `json:"freezes"`
	ReleasedByLimit int   `json:"released_by_limit"`
	Transfers       int64 `json:"transfers"`
}

// trade moves money for ever.
func (b *book) trade() error {
	for ; ; time.Sleep(tick) {
		b.mutex.Lock()
		if !b.frozen {
			accounts := len(b.state.balances)
			from, to, amount := rand.IntN(accounts), rand.IntN(accounts), rand.Int64N(100)+1
			b.state.balances[from] -= amount
			b.state.balances[to] += amount
			b.state.transfers++
		}
		b.mutex.Unlock()
	}
}

// flush writes the parts in turn for ever.
func (b *book) flush() error {
	for number := 0; ; number = (number + 1) % parts {
		if err := b.flushPart(number); err != nil {
			return err
		}
		time.Sleep(between)
	}
}

func (b *book) flushPart(number int) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.frozen {
		return nil
	}
	text, err := b.state.encode(number)
	if err != nil {
		return err
	}
	_, err = b.state.files[number].WriteAt(text, 0)
	return err
}

// freeze writes all and stops writing. It comes back when the data is consistent.
// A frozen book stays so, with the limit counted anew.
func (b *book) freeze(limit time.Duration) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if !b.frozen {
		if err := b.state.writeAll(); err != nil {
			return err
		}
		b.frozen, b.since = true, time.Now()
	} else if b.limit != nil {
		b.limit.Stop()
	}
	b.freezes++
	this := b.freezes
	b.limit = time.AfterFunc(limit, func() {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		// Unless a later freeze counts.
		if b.frozen && b.freezes == this {
			b.frozen = false
			b.releasedByLimit++
		}
	})
	return nil
}

// thaw lets the writing go on. Doing so to a book that is not frozen is fine.
func (b *book) thaw() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.frozen = false
	if b.limit != nil {
		b.limit.Stop()
	}
}

func (b *book) status() Status {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	status := Status{Frozen: b.frozen, Freezes: b.freezes, ReleasedByLimit: b.releasedByLimit, Transfers: b.state.transfers}
	if b.frozen {
		status.FrozenForMS = time.Since(b.since).Milliseconds()
	}
	return status
}
