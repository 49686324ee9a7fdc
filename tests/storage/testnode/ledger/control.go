package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"
)

// controlSocket is beside the data, never in it.
const controlSocket = "/run/ledger.sock"

type request struct {
	Verb string        `json:"verb"`
	For  time.Duration `json:"for"`
}

type reply struct {
	Error  string `json:"error"`
	Status Status `json:"status"`
}

func listen(socket string) (net.Listener, error) {
	// What an earlier process left.
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return net.Listen("unix", socket)
}

func answer(listener net.Listener, book *book) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			var request request
			var reply reply
			err := json.NewDecoder(connection).Decode(&request)
			if err == nil {
				switch request.Verb {
				case "freeze":
					err = book.freeze(request.For)
				case "thaw":
					book.thaw()
				}
			}
			if err != nil {
				reply.Error = err.Error()
			}
			reply.Status = book.status()
			_ = json.NewEncoder(connection).Encode(reply)
		}()
	}
}

// ask has the serving process do something; returns the exit code.
func ask(verb string, words []string) int {
	flags := flag.NewFlagSet(verb, flag.ExitOnError)
	control := flags.String("control", controlSocket, "where the serving process listens")
	request := request{Verb: verb}
	if verb == "freeze" {
		flags.DurationVar(&request.For, "for", 30*time.Second, "when it releases itself")
	}
	_ = flags.Parse(words)
	reply, err := exchange(*control, request)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ledger:", err)
		return failed
	}
	if verb == "status" {
		text, _ := json.Marshal(reply.Status)
		fmt.Println(string(text))
	}
	return 0
}

func exchange(control string, request request) (*reply, error) {
	connection, err := net.Dial("unix", control)
	if err != nil {
		return nil, fmt.Errorf("no ledger serves here: %w", err)
	}
	defer connection.Close()
	if err := json.NewEncoder(connection).Encode(request); err != nil {
		return nil, err
	}
	reply := &reply{}
	if err := json.NewDecoder(connection).Decode(reply); err != nil {
		return nil, err
	}
	if reply.Error != "" {
		return nil, errors.New(reply.Error)
	}
	return reply, nil
}
