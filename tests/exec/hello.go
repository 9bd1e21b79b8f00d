// SPDX-License-Identifier: GPL-3.0-or-later

// An HTTP server and client of Go's library: a static program (programs.sh).
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

func serve() {
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s\n", r.URL.Query().Get("n"))
	})
	http.ListenAndServe(":80", nil)
}

func get(url string) string {
	answer, err := http.Get(url)
	if err != nil {
		return err.Error() + "\n"
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return fmt.Sprint(answer.StatusCode, " ", string(body))
}

func main() {
	if len(os.Args) < 2 {
		serve()
	}
	var all sync.WaitGroup
	said := make([]string, 5)
	for i := range said {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			time.Sleep(10 * time.Millisecond)
			said[i] = get(fmt.Sprintf("http://%s/hello?n=%d", os.Args[1], i))
		}(i)
	}
	all.Wait()
	for _, line := range said {
		fmt.Print(line)
	}
	interfaces, err := net.Interfaces()
	for _, one := range interfaces {
		addresses, err := one.Addrs()
		groups, _ := one.MulticastAddrs()
		fmt.Println(one.Index, one.Name, one.MTU, one.HardwareAddr, one.Flags, addresses, len(groups), err)
	}
	addresses, wrong := net.InterfaceAddrs()
	fmt.Println("addresses", addresses, err, wrong)
	begin := time.Now()
	time.Sleep(100 * time.Millisecond)
	fmt.Println("slept", time.Since(begin) >= 100*time.Millisecond)
}
