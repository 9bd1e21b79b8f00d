#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs as Debian ships them, as server and client, on each way to serve a socket.
# Usage: programs.sh SOPSIM ROOT PROGRAM
. "$(dirname "$0")/exec.sh"

# A page and a file of 1 MB.
files() {
	mkdir html
	seq 1 200 >html/index.html
	head -c 1000000 /dev/zero | tr '\0' x >html/big
}

nginx_conf() { # SENDFILE
	cat >nginx.conf <<-END
		daemon off;
		worker_processes 4;
		error_log stderr warn;
		pid /run/nginx.pid;
		events { worker_connections 256; }
		http {
			access_log off;
			sendfile $1;
			server { listen 80; root html; }
		}
	END
}
nginx='nginx -p ./ -c nginx.conf -e stderr'
fetch_big="sh -c 'curl -s http://@/big >/tmp/big; cmp /tmp/big html/big && echo same'"

case $3 in
curl)
	need curl python3
	files
	between 'python3 -m http.server 80 -d html' "$fetch_big"
	all_say same 'GET /big'
	between true "sh -c 'curl -s http://@:81/; echo status \$?; date'"
	all_say 'status 7' # refused
	between true "sh -c 'curl -s --max-time 3 http://10.0.0.77/; echo status \$?'"
	all_say 'status [27]' # after 3 s, by the clock that counts
	;;
wget)
	need wget busybox
	files
	between 'busybox httpd -f -p 80 -h html' "sh -c 'wget -q -O /tmp/big http://@/big; cmp /tmp/big html/big && echo same'"
	all_say same
	between 'busybox httpd -f -p 80 -h html' 'busybox wget -q -O - http://@/index.html'
	all_say '| 200$'
	;;
nc)
	need nc
	seq 1 50000 >lines
	between 'nc -l 5000' 'nc -N @ 5000' --set 'exec client.input=lines'
	all_say '| 50000$'
	between 'nc -N -l 5000' "sh -c 'nc -d @ 5000 | tail -n 1; echo over'" --set 'exec server.input=lines'
	all_say 'over' '| 50000$'
	between 'nc -u -l 5000' "sh -c 'echo datagram | nc -u -w 1 @ 5000'"
	all_say '| datagram$'
	;;
python)
	need python3
	cat >server.py <<-'END'
		import socketserver
		class Echo(socketserver.StreamRequestHandler):
		    def handle(self):
		        for line in self.rfile:
		            self.wfile.write(line.upper())
		class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
		    allow_reuse_address = True
		Server(('', 5000), Echo).serve_forever()
	END
	cat >client.py <<-'END'
		import selectors, socket, subprocess, sys, threading, time
		def talk(i):
		    s = socket.create_connection((sys.argv[1], 5000))
		    f = s.makefile('rw')
		    for n in range(3):
		        f.write('thread %d line %d\n' % (i, n)); f.flush()
		        print(f.readline(), end='')
		        time.sleep(0.05)
		    s.close()
		threads = [threading.Thread(target=talk, args=(i,)) for i in range(5)]
		[t.start() for t in threads]
		[t.join() for t in threads]
		print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout, end='')
		s = socket.create_connection((sys.argv[1], 5000))
		s.setblocking(False)
		sel = selectors.DefaultSelector()
		sel.register(s, selectors.EVENT_READ)
		assert not sel.select(0.1)
		s.send(b'by epoll\n')
		sel.select()
		print(s.recv(100).decode(), end='')
	END
	between 'python3 server.py' 'python3 client.py @'
	all_say 'THREAD 4 LINE 2' 'child' 'BY EPOLL'
	;;
nginx)
	need nginx ab curl
	files
	nginx_conf on
	between "$nginx" "$fetch_big"
	all_say same
	between "$nginx" 'ab -q -n 100 -c 10 http://@/index.html'
	all_say 'Complete requests:      100' 'Failed requests:        0'
	nginx_conf off
	between "$nginx" "$fetch_big"
	all_say same
	# The scenario that people are shown; a card pulled out leaves nginx on the NIC.
	for config in card nic plain pulled; do
		options=()
		[ $config = card ] || options=(--config "$config")
		"$sopsim" run "$root/scenarios/nginx.ini" "${options[@]}" \
			>"$out/$config" 2>"$out/said" || complain "nginx.ini $config: $(cat "$out/said")"
		grep -q 'Failed requests:        0' "$out/$config" || complain "nginx.ini $config"
	done
	grep -q 'remove toe0: done' "$out/pulled" && grep -q 'ab ended with [1-9]' "$out/pulled" ||
		complain "the card was not pulled out: $(cat "$out/pulled")"
	;;
redis)
	need redis-server redis-benchmark redis-cli
	between "redis-server --port 6379 --save '' --protected-mode no" \
		"sh -c 'redis-cli -h @ set a 5; redis-cli -h @ incr a; redis-benchmark -h @ -n 100 -c 5 -t get -q; redis-cli -h @ shutdown'"
	all_say 'OK' '| 6$' 'GET: .*requests per second' 'ready to exit, bye bye'
	;;
tools)
	need ifconfig route netstat arp ping
	between 'nc -l 5000' "sh -c 'ping -c 2 @; arp -n; nc -N @ 5000 </dev/null'"
	all_say '2 received, 0% packet loss' 'ether   02:00' '64 bytes from .*: icmp_seq=1'
	between "sh -c 'ifconfig -a; route -n; nc -d -l 5000 & sleep 1; netstat -tan'" \
		"sh -c 'nc -d @ 5000 & sleep 3; kill \$!'" --set 'exec client.at=500ms'
	all_say 'eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500' \
		'10.0.0.0 *0.0.0.0 *255.255.255.0 *U .* eth0' 'tcp .*:5000 .*ESTABLISHED'
	for way in sop-inet sop-card sop-polled; do
		grep -q '10.0.1.0 .* toe0' "$out/$way.out" || complain "$way: route does not know the card"
		grep -q 'toe0: flags=' "$out/$way.out" || complain "$way: ifconfig does not know the card"
	done
	grep -q '| toe0: flags' "$out/inet.out" && complain "a card without SOP"
	;;
iperf3)
	need iperf3
	between 'iperf3 -s -1' 'iperf3 -c @ -n 1M'
	all_say 'sender' 'receiver' 'iperf Done'
	between 'iperf3 -s -1' 'iperf3 -R -P 2 -c @ -n 500K'
	all_say 'SUM' 'iperf Done'
	;;
esac
exit $bad
