// Command ledger is a database as far as backups are concerned: it moves money
// between accounts all the time and writes them to several files, one after the
// other, so that a copy of its folders is consistent only while it is frozen.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const usage = `usage: ledger serve --data DIR [--data DIR]... [--control SOCKET]
       ledger freeze [--for 30s] | thaw | status [--control SOCKET]
       ledger check DIR [DIR]...
       ledger sleep 60s | spew 64MiB | fail 3
`

// Exit codes.
const (
	failed       = 1
	misused      = 2
	inconsistent = 3
)

func main() {
	if len(os.Args) < 2 {
		misuse()
	}
	verb, words := os.Args[1], os.Args[2:]
	switch verb {
	case "serve":
		os.Exit(serve(words))
	case "freeze", "thaw", "status":
		os.Exit(ask(verb, words))
	case "check":
		if len(words) == 0 {
			misuse()
		}
		state, err := load(words)
		if err != nil {
			fmt.Printf("INCONSISTENT: %v\n", err)
			os.Exit(failed)
		}
		fmt.Printf("consistent: %d transfers\n", state.transfers)
	case "sleep":
		time.Sleep(parsed(words, time.ParseDuration))
	case "spew":
		spew(parsed(words, size))
	case "fail":
		code := parsed(words, strconv.Atoi)
		fmt.Fprintf(os.Stderr, "ledger: told to fail with %d\n", code)
		os.Exit(code)
	default:
		misuse()
	}
}

func misuse() {
	fmt.Fprint(os.Stderr, usage)
	os.Exit(misused)
}

func parsed[T any](words []string, parse func(string) (T, error)) T {
	if len(words) != 1 {
		misuse()
	}
	value, err := parse(words[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		misuse()
	}
	return value
}

// size reads `64MiB`, `10KiB`, `5`.
func size(text string) (int64, error) {
	number, unit := text, int64(1)
	for suffix, factor := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if rest, found := strings.CutSuffix(text, suffix); found {
			number, unit = rest, factor
		}
	}
	value, err := strconv.ParseInt(number, 10, 64)
	return value * unit, err
}

func spew(bytes int64) {
	line := []byte(strings.Repeat("0123456789abcde", 4096/15) + "\n")
	for bytes > 0 {
		part := line[:min(int64(len(line)), bytes)]
		if _, err := os.Stdout.Write(part); err != nil {
			os.Exit(failed)
		}
		bytes -= int64(len(part))
	}
}

// folders is a flag that may be given several times.
type folders []string

func (f *folders) String() string { return strings.Join(*f, " ") }

func (f *folders) Set(folder string) error {
	*f = append(*f, folder)
	return nil
}

func serve(words []string) int {
	var data folders
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	flags.Var(&data, "data", "a folder of the ledger; may be given several times")
	control := flags.String("control", controlSocket, "where the other verbs find it")
	_ = flags.Parse(words)
	if len(data) == 0 {
		misuse()
	}
	state, err := open(data)
	if err != nil {
		fmt.Printf("INCONSISTENT: %v\n", err)
		fmt.Fprintf(os.Stderr, "ledger: refuses to go on from inconsistent data: %v\n", err)
		return inconsistent
	}
	fmt.Printf("ledger: goes on from %d transfers in %s\n", state.transfers, data.String())
	book := &book{state: state}
	listener, err := listen(*control)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ledger:", err)
		return failed
	}
	defer os.Remove(*control)
	go answer(listener, book)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	ended := make(chan error, 2)
	go func() { ended <- book.trade() }()
	go func() { ended <- book.flush() }()
	select {
	case err := <-ended:
		fmt.Fprintln(os.Stderr, "ledger:", err)
		return failed
	case <-stop:
		// The data is left as a clean end of a database leaves it.
		if err := book.freeze(time.Hour); err != nil {
			fmt.Fprintln(os.Stderr, "ledger:", errors.Join(errors.New("could not write at the end"), err))
			return failed
		}
		return 0
	}
}
