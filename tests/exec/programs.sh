#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs as Debian ships them, as server and client, on each way to serve a socket.
# Usage: programs.sh SOPSIM ROOT PROGRAM
. "$(dirname "$0")/exec.sh"

# A page and a file of BYTES (1 MB).
files() {
	mkdir html
	seq 1 200 >html/index.html
	head -c "${1:-1000000}" /dev/zero | tr '\0' x >html/big
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
	between true "sh -c 'curl -s http://@:81/; echo status \$?; curl -s --max-time 3 http://10.0.0.77/; echo at last \$?; date'"
	all_say 'status 7' 'at last [27]' # refused; after 3 s, by the clock that counts
	;;
wget)
	need wget busybox
	files
	between 'busybox httpd -f -p 80 -h html' \
		"sh -c 'wget -q -O /tmp/big http://@/big; cmp /tmp/big html/big && echo same; busybox wget -q -O - http://@/index.html'"
	all_say same '| 200$'
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
	between 'nc -k -l 5000' "sh -c 'for i in 1 2 3; do echo line \$i | nc -N @ 5000; done'"
	all_say 'line 1' 'line 2' 'line 3'
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
resets)
	need python3
	# Who has been told of a reset is not woken by select() to write: 2.4's tcp_poll() says POLLHUP alone from then on.
	cat >server.py <<-'END'
		import os, select, socket
		with open('/tmp/big', 'wb') as file:
		    file.write(bytes(1000000))
		s = socket.create_server(('', 5000)).accept()[0]
		with open('/tmp/big', 'rb') as file:
		    print('sent in part', 0 < os.sendfile(s.fileno(), file.fileno(), 0, 1000000) < 1000000)
		print('an error', select.select([], [s], [], 1)[1] == [s])
		try:
		    s.recv(10)
		except ConnectionResetError:
		    print('a reset')
		print('to write', select.select([], [s], [], 1)[1], 'to read', select.select([s], [], [], 1)[0] == [s])
		ask = select.poll()
		ask.register(s, select.POLLIN | select.POLLOUT)
		print('poll', ask.poll(1000)[0][1] & ~select.POLLIN == select.POLLHUP, s.recv(10))
		try:
		    s.send(b'more')
		except BrokenPipeError:
		    print('a broken pipe')
	END
	cat >client.py <<-'END'
		import socket, sys, time
		s = socket.create_connection((sys.argv[1], 5000))
		s.recv(1000)
		time.sleep(1)
		s.close()
	END
	between 'python3 server.py' 'python3 client.py @' --set 'exec server.background=no'
	all_say '| sent in part True$' '| an error True$' '| a reset$' '| to write \[\] to read True$' "| poll True b''\$" '| a broken pipe$'
	;;
nginx)
	need nginx ab curl
	files
	nginx_conf on
	cat >ask.sh <<-'END'
		curl -s http://$1/big >/tmp/big; cmp /tmp/big html/big && echo same
		ab -q -n 100 -c 10 http://$1/index.html
		curl -sv http://$1/index.html http://$1/index.html 2>&1 | grep Re-using
		ab -k -q -n 50 -c 5 http://$1/index.html
	END
	between "$nginx" 'sh ask.sh @'
	all_say same 'Complete requests:      100' 'Re-using existing connection' 'Keep-Alive requests:    50' 'Complete requests:      50'
	for way in "${ways[@]}"; do
		[ "$(grep -c 'Failed requests:        0' "$out/$way.out")" -eq 2 ] || complain "$way: ab's requests failed"
	done
	between "sh -c '$nginx & sleep 1; kill -HUP \$!; sleep 1; kill -QUIT \$!; wait \$!; echo nginx ended with \$?'" \
		"sh -c 'for i in 1 2 3; do curl -s http://@/index.html | tail -n 1; sleep 0.7; done; curl -s http://@/; echo status \$?'" \
		--set 'exec client.at=500ms'
	all_say '| 200$' 'nginx ended with 0' 'status 7'
	nginx_conf off
	between "$nginx" "$fetch_big"
	all_say same
	# The scenario that people are shown; a card pulled out leaves nginx on the NIC.
	for config in card nic plain pulled both added busy; do
		options=()
		[ $config = card ] || options=(--config "$config")
		"$sopsim" run "$root/scenarios/nginx.ini" "${options[@]}" \
			>"$out/$config" 2>"$out/said" || complain "nginx.ini $config: $(cat "$out/said")"
		grep -q 'Failed requests:        0' "$out/$config" || complain "nginx.ini $config"
	done
	grep -q 'remove toe0: done' "$out/pulled" && grep -q 'ab ended with [1-9]' "$out/pulled" ||
		complain "the card was not pulled out: $(cat "$out/pulled")"
	;;
ab)
	need nginx ab
	files
	nginx_conf on
	between "$nginx" 'ab -q -n 3000 -c 50 http://@/index.html'
	all_say 'Complete requests:      3000' 'Failed requests:        0'
	;;
lighttpd)
	need lighttpd curl ab
	files 300000
	cat >lighttpd.conf <<-END
		server.document-root = "$PWD/html"
		server.port = 80
		index-file.names = ( "index.html" )
	END
	between 'lighttpd -D -f lighttpd.conf' \
		"sh -c 'curl -s http://@/big >/tmp/big; cmp /tmp/big html/big && echo same; ab -q -n 100 -c 10 http://@/index.html'"
	all_say same 'Complete requests:      100' 'Failed requests:        0'
	;;
stunnel)
	need stunnel4 openssl curl python3
	openssl req -x509 -newkey rsa:2048 -keyout key.pem -out cert.pem -days 9000 -nodes -subj /CN=server 2>"$out/said" || exit 1
	printf '%s\n' 'foreground = yes' 'pid =' 'debug = 3' '[tls]' 'accept = 443' 'connect = 127.0.0.1:80' \
		'cert = cert.pem' 'key = key.pem' >stunnel.conf
	files 300000
	between "sh -c 'python3 -m http.server 80 --bind 127.0.0.1 -d html & exec stunnel4 stunnel.conf'" \
		"sh -c 'curl -sk https://@/big >/tmp/big; cmp /tmp/big html/big && echo same'"
	all_say same 'GET /big'
	;;
socat)
	need socat
	printf '%s\n' 'socat -u UDP-LISTEN:5000 - &' "exec socat TCP-LISTEN:5000,fork,reuseaddr EXEC:'tr a-z A-Z'" >both.sh
	between 'sh both.sh' \
		"sh -c 'for line in a.line another; do echo \$line | socat -t 5 - TCP:@:5000; done; echo datagram | socat -u - UDP-SENDTO:@:5000; sleep 1'"
	all_say 'A.LINE' 'ANOTHER' '| datagram$'
	;;
wrk)
	need wrk nginx
	files
	nginx_conf on
	# It asks as fast as it can for a second at least: with time of its own for each call, that is not much.
	between "$nginx" 'wrk -t2 -c20 -d 1 http://@/index.html' --set 'exec client.user_cost=1ms'
	all_say '2 threads and 20 connections' 'Requests/sec'
	;;
shells)
	need dash busybox
	cat >jobs.sh <<-'END'
		seq 1 1000 | grep 7 | sort -rn | head -n 2
		for i in 3 1 2; do (sleep 0.$i; echo job $i) & done
		wait
		sleep 1000 & kill $!
		wait $!; echo killed $?
		echo $(echo nested $(echo pipes | tr a-z A-Z))
		trap 'echo trapped' USR1; kill -USR1 $$
		date +%s
	END
	between true "sh -c 'dash jobs.sh; echo and; busybox sh jobs.sh'"
	for shell in dash busybox; do
		for way in "${ways[@]}"; do
			case $shell in
			dash) sed '/| and$/q' "$out/$way.out" >"$out/shell.out" ;;
			busybox) sed '1,/| and$/d' "$out/$way.out" >"$out/shell.out" ;;
			esac
			for text in '| 997$' 'killed 143' 'nested PIPES' 'trapped' '| 110453760[12]$'; do
				grep -q -- "$text" "$out/shell.out" || complain "$shell, $way, does not say '$text'"
			done
			[ "$(grep -o 'job .' "$out/shell.out" | tr -d '\n')" = 'job 1job 2job 3' ] ||
				complain "$shell, $way: jobs end out of order"
		done
	done
	;;
roots)
	need busybox
	# Two machines, each with its own files, and nothing of this machine's.
	for machine in server client; do
		mkdir -p $machine/bin $machine/etc $machine/srv
		cp "$(command -v busybox)" $machine/bin/busybox
		for name in sh ls cat wget httpd hostname touch; do ln -s busybox $machine/bin/$name; done
		echo "root of $machine" >$machine/etc/name
		echo "page of $machine" >$machine/srv/index.html
	done
	ln -s /srv client/place
	cat >client/srv/look.sh <<-'END'
		cat /etc/name; hostname; ls / | tr '\n' ' '; echo
		wget -q -O - http://$1/
		grep -c "^10.0.[01].1.*$1" /etc/hosts
		touch /x /srv/x; echo written >/tmp/x; cat /tmp/x /place/index.html; pwd; ls /dev | wc -l
		echo 1 >/dev/null; cat /proc/self/comm
	END
	between 'httpd -f -p 80 -h /srv' 'sh look.sh @' --set 'exec server.root=server' --set 'exec client.root=client' \
		--set 'exec client.folder=/place'
	all_say '| root of client$' '| client$' '| bin dev etc place proc run srv tmp var $' '| page of server$' '| 1$' \
		'/x: Read-only' '| written$' '| page of client$' '| /srv$' '| 13$' '| cat$'
	[ "$(find server client | wc -l)" -eq 30 ] || complain "a root was written to: $(find server client)"
	# A path of a program begins where it starts.
	printf '#!/bin/sh\necho started\n' >client/srv/start
	chmod +x client/srv/start
	"$sopsim" exec "$machines" --set 'exec command.folder=client/srv' --machine client --set 'exec client.enabled=no' -- ./start |
		grep -q '^started$' || complain "a program beside is not found"
	for wrong in 'server.root=nowhere|[exec server] root' 'server.root=look|[exec server] root' \
		'client.folder=srv|[exec client] folder' 'server.command=python3|[exec server] command' 'client.machine=server|another root'; do
		"$sopsim" run "$machines" --set 'exec server.root=server' --set 'exec server.command=ls' --set 'exec client.root=client' \
			--set 'exec client.command=ls' --set "exec ${wrong%|*}" >"$out/said" 2>&1
		[ $? -eq 2 ] && grep -qF "${wrong#*|}" "$out/said" || complain "$wrong: $(head -n 3 "$out/said")"
	done
	;;
locks)
	need flock python3
	# Who waits for a lock, or for a FIFO's other end, does it in simulated time; signals end it.
	cat >locks.sh <<-'END'
		cd /tmp; mkfifo pipe
		(flock 9; echo first has it; sleep 1; echo first lets go) 9>lock & sleep 0.1
		(flock 9; echo second has it $(date +%s)) 9>lock
		(sleep 1; echo by the fifo >pipe; echo written) & cat pipe
		(cat pipe | tr a-z A-Z) & sleep 1; for i in 1 2; do echo line $i; done >pipe; wait
	END
	cat >locks.py <<-'END'
		import fcntl, os, signal, time
		def forked(do, *args):
		    if os.fork() == 0:
		        do(*args)
		        os._exit(0)
		def hold(how):
		    how(fcntl.LOCK_EX)
		    time.sleep(1)
		def write(after, what):
		    time.sleep(after)
		    os.write(os.open('/tmp/pipe', os.O_WRONLY), what)
		for name, how in (('posix', fcntl.lockf), ('flock', fcntl.flock)):
		    files = []
		    def lock(op, how=how, name=name):
		        files.append(open('/tmp/' + name, 'w'))
		        how(files[-1], op)
		    forked(hold, lock)
		    time.sleep(0.1)
		    begin = time.monotonic()
		    lock(fcntl.LOCK_EX)
		    print(name, 0.85 < time.monotonic() - begin < 1.0, os.wait()[1])
		signal.signal(signal.SIGALRM, lambda *_: print('alarm'))
		for after in (0, 3):
		    signal.alarm(1)
		    forked(write, after, b'x')
		    print(os.read(os.open('/tmp/pipe', os.O_RDONLY), 10), os.wait()[1])
	END
	between true "sh -c 'sh locks.sh; python3 locks.py'"
	all_say 'second has it 1104537602$' '| by the fifo$' '| LINE 1$' '| LINE 2$' '| posix True 0$' '| flock True 0$' "| b'x' 0\$" '| alarm$'
	;;
musl)
	need musl-gcc nc
	musl-gcc -static -o threads "$root/tests/exec/threads.c" || exit 1
	between 'nc -k -d -l 5000' './threads @'
	all_say 'connected 4' 'all joined'
	;;
go)
	need go
	need_tracer
	CGO_ENABLED=0 GOCACHE=$folder/cache GOPATH=$folder/path go build -o hello "$root/tests/exec/hello.go" || exit 1
	between './hello' './hello @' --set 'exec server.tsc=simulated' --set 'exec client.tsc=simulated'
	all_say '200 hello 0$' '200 hello 4$' 'slept true' '| 1 lo 16436  up|loopback .127.0.0.1/8. ' \
		'| 3 eth2 1500 02:.*|broadcast|.* .10.0.1.2/24. ' '| addresses .127.0.0.1/8 10.0.0.2/24 10.0.1.2/24. <nil> <nil>$'
	;;
tsc)
	need python3
	need_tracer
	# rdtsc and rdtscp, twice each: time that stands while a program computes, and goes on while it sleeps.
	cat >read.py <<-'END'
		import ctypes, mmap, time
		def function(code):
		    page = mmap.mmap(-1, 4096, prot=7)
		    page.write(code + bytes([0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0xc3]))
		    pages.append(page)
		    return ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
		pages = []
		rdtsc, rdtscp = function(bytes([0x0f, 0x31])), function(bytes([0x0f, 0x01, 0xf9]))
		first, second = rdtsc(), rdtscp()
		time.sleep(0.1)
		print('counter', second - first, 100_000_000 <= rdtsc() - first < 120_000_000, flush=True)
		try: ctypes.string_at(1)
		finally: pass
	END
	between true "sh -c 'python3 read.py; echo ended with \$?'" --set 'exec client.tsc=simulated'
	all_say '| counter 0 True$' 'ended with 139'
	;;
shell)
	need nc ifconfig netstat route
	for way in "${ways[@]}"; do
		way_options "$way"
		for once in 1 2; do
			"$sopsim" shell "$machines" "${options[@]}" --check-fds --syscalls "$out/$way.$once" \
				>"$out/$way.out" 2>"$out/$way.said" <<-END || complain "$way: $(tail -n 3 "$out/$way.said")"
				ifconfig eth0 | head -n 2
				route -n | tail -n 1
				nc -l 5000 & sleep 1
				netstat -tln | grep 5000
				echo by nc | nc -N $host 5000
				wait
				echo \$(hostname), after \$(date +%s)
			END
		done
		cmp "$out/$way.1" "$out/$way.2" || complain "$way: two shells differ"
	done
	all_say 'inet 10.0.0.1  netmask' '^10.0.[01].0 ' '0.0.0.0:5000 .*LISTEN' '^by nc$' '^server, after 110453760[12]$'
	# What is typed comes when it comes: a second in the real world, and no less in the simulated one.
	(sleep 1; echo 'echo typed, $(date +%s)') | "$sopsim" shell "$machines" --check-fds >"$out/typed" 2>&1
	grep -q '^typed, 11045376' "$out/typed" || complain "typed: $(cat "$out/typed")"
	;;
asyncio)
	need python3
	cat >server.py <<-'END'
		import asyncio
		async def echo(r, w):
		    while line := await r.readline():
		        w.write(line.upper())
		        await w.drain()
		    w.close()
		async def main():
		    async with await asyncio.start_server(echo, '', 5000) as s:
		        await s.serve_forever()
		asyncio.run(main())
	END
	cat >client.py <<-'END'
		import asyncio, multiprocessing, sys
		async def talk(i):
		    r, w = await asyncio.open_connection(sys.argv[1], 5000)
		    w.write(b'task %d\n' % i)
		    await asyncio.sleep(0.01 * i)
		    line = await r.readline()
		    w.close()
		    return line.decode()
		async def main():
		    print(*await asyncio.gather(*(talk(i) for i in range(5))), sep='', end='')
		    try:
		        await asyncio.wait_for(asyncio.sleep(1000), 2)
		    except asyncio.TimeoutError:
		        print('timed out')
		    p = await asyncio.create_subprocess_exec('echo', 'a child', stdout=asyncio.subprocess.PIPE)
		    print((await p.communicate())[0].decode(), end='')
		def square(x):
		    return x * x
		asyncio.run(main())
		with multiprocessing.Pool(2) as pool:
		    print('squares', pool.map(square, range(6)))
	END
	between 'python3 server.py' 'python3 client.py @'
	all_say 'TASK 4' 'timed out' 'a child' 'squares .0, 1, 4, 9, 16, 25.'
	;;
calls)
	need python3
	cp "$root/tests/exec/calls.py" .
	refusal='refused: splice$\|refused: a port.s second socket, by SO_REUSEPORT$\|refused: netlink request 16$'
	# Owners, rights and dates of files are the simulated machine's.
	cat >owners.sh <<-'END'
		cd /tmp; umask 022
		as() { who=$1; shift; setpriv --reuid="$who" --regid=nogroup --clear-groups "$@"; }
		say() { stat -c "$1 %U:%G %a %.1X %.1Y %.1Z" "$2"; }
		echo a >a; say made a; sleep 2; echo b >>a; say written a
		chown nobody:daemon a; chmod 640 a; say given a; mkdir d; chmod 700 d; chown nobody d
		as nobody sh -c 'echo x >d/x; mkdir d/y; ln -s x d/l; mkfifo d/p; chown 0 a; chmod 600 a; cat a; cat /etc/shadow; test -w d; echo $?'
		for file in x y l p; do say by "d/$file"; done
		as daemon sh -c 'cat a; ls d; cat d/x; rm a; mv a b; touch a; cd d; test -r a; echo $?; touch mine && rm mine && echo mine'
		touch -d 2001-02-03T04:05:06 a; say set a; cp -p a c; say kept c; touch c; say touched c
		mv c e; say moved e; truncate -s 1 e; ln e f; say linked f; chmod g+s,o+wx d; sleep 1; as daemon mkdir d/z; say inherits d/z; say above d
		stat -c 'there %n %U:%G %a %Y' /tmp /var/log; stat -c '%n %U:%G' /etc/shadow /run/lock/.; ls /var/run/ | grep -c lock
	END
	# Sockets go from process to process.
	cat >hand.py <<-'END'
		import os, socket
		ours, theirs = socket.socketpair()
		if os.fork() == 0:
		    ours.close()
		    word, fds, flags, _ = socket.recv_fds(theirs, 100, 10)
		    s = socket.socket(fileno=fds[0])
		    print("handed", word, len(fds), s.getsockname()[1], os.read(fds[1], 10), os.get_inheritable(fds[0]), flush=True)
		    c, _ = s.accept()
		    c.sendall(b"by the child")
		    socket.send_fds(theirs, [b"back"], [c.fileno()])
		    os._exit(0)
		theirs.close()
		s = socket.create_server(("127.0.0.1", 7000))
		r, w = os.pipe()
		os.write(w, b"a pipe")
		print("to be sent", socket.send_fds(ours, [b"word"], [s.fileno(), r]))
		s.close()
		c = socket.create_connection(("127.0.0.1", 7000))
		print("said", c.recv(100))
		word, fds, flags, _ = socket.recv_fds(ours, 100, 10);
		os.wait()
		socket.socket(fileno=fds[0]).sendall(b"by the parent")
		print("handed back", word, c.recv(100))
		again = socket.create_server(("127.0.0.1", 7000), reuse_port=False)
		print("let go", again.getsockname()[1])
		again.close()
		# What nobody receives is let go with the last who could.
		n = socket.create_server(("127.0.0.1", 7001))
		a, b = socket.socketpair()
		socket.send_fds(a, [b"lost"], [n.fileno()])
		n.close()
		try:
		    print("held", socket.create_server(("127.0.0.1", 7001)))
		except OSError as e:
		    print("held", e.errno)
		a.close()
		b.close()
		print("free", socket.create_server(("127.0.0.1", 7001)).getsockname()[1])
	END
	between true "sh -c 'sh owners.sh 2>&1; python3 calls.py; python3 hand.py 2>&1'"
	all_say '| timerfd 1 True 5 False 20000000$' 'a short read: Invalid argument' \
		'| timer: a signal 1 True 0 0 -1$' '| timer: a thread .5, 5, 5.$' \
		'| pidfd: lives True$' '| pidfd: dead True 15$' '| pidfd: by its folder 15$' \
		"| recvmmsg 3 .'datagram 0', 'datagram 1', 'datagram 2'.\$" \
		'| TCP_INFO 1 True$' '| epoll_pwait2 0 True$' '| splice -1 22$' \
		"| terminal .'/dev/pts/0', 'a', 'line', 'got', 'a', 'line', '2000'. 3 True\$" \
		'| signalfd False True 12$' '| masks: killed by 14$' '| sendfile (256000, 256000) True 0$' '| chown 2 9 None 22 3 {0}$' \
		'| sender: a child True 0 0$' '| sender: a thread True 0$' '| sender: an end True 0$' \
		'| identity (1, 2, 3) (70, 70, 70) .7, 8. True True True$' '| identity (1, 1, 3) 1 True True$' '| 1$' \
		'| identity (0, 0, 0) 0$' '| mkfifo made it$' \
		'| capabilities: root True 0 1$' '| capabilities: kept True False False$' '| capabilities: asked True True False -1$' \
		'| capabilities: executed 13$' '| capabilities: back False True$' '| capabilities: gone (0, 0, 0)$' \
		'| reuse port 0 1 98$' "| interfaces .(1, 'lo'), (2, 'eth1'), (3, 'eth2').\$" \
		"| addresses .'lo 127.0.0.1 255.0.0.0 1', 'eth1 10.0.0.2 255.255.255.0 1', 'eth2 10.0.1.2 255.255.255.0 1'.\$" \
		'| names eth1 3$' '| netlink True True 16$' '| netlink: nothing more \[\]$' '| netlink: another protocol 93$' \
		'| uptime True True True$' \
		'| memory .0, 0, 0, 0, 0, 0, 0, 0. .0, 0, 0, 0, 0, 0, 0, 0.$' '| memory: none .14, 14, 14, 14, 14, 14, 14, 11.$' \
		'| memory: again .0, 0, 0, 0, 0, 0, 0, 0.$' '| memory: read-only .14, 14, 0, 14, 14, 14, 0, 14.$' \
		'| memory: gone .14, 14, 14, 14, 14, 14, 14, 11.$' '| memory: another True .14, 14, 14, 14, 14, 14, 14, 11.$' \
		'| memory: moved True .14, 14, 0, 14, 14, 14, 0, 14.$' '| memory: not looked at 0$' \
		"| handed b'word' 2 7000 b'a pipe' True\$" '| to be sent 4$' "| said b'by the child'\$" \
		"| handed back b'back' b'by the parent'\$" '| let go 7000$' '| held 98$' '| free 7001$' \
		'| made root:root 644 1104537601.0 1104537601.0 ' '| written root:root 644 1104537601.0 1104537603.0 1104537603.0$' \
		'| given nobody:daemon 640 ' "chown: changing ownership of 'a': Operation not" 'cat: /etc/shadow: Permission denied' \
		'| by nobody:nogroup 755 ' '| by nobody:nogroup 777 ' 'cat: a: Permission denied' "cannot open directory 'd': Permission" \
		'cat: d/x: Permission denied' "rm: cannot remove 'a': Operation not" "mv: cannot move 'a' to 'b': Operation not" \
		"touch: cannot touch 'a': Permission denied" "can't cd to d" '| mine$' '| set nobody:daemon 600 981173106.0 981173106.0 1104537603.0$' \
		'| kept nobody:daemon 600 981173106.0 ' '| touched nobody:daemon 600 1104537603.0 ' '| moved nobody:daemon ' '| linked nobody:daemon ' \
		'| inherits daemon:root 2755 1104537604.0 ' '| above nobody:root 2703 1104537603.0 1104537604.0 ' \
		'| there /tmp root:root 1777 1104537603$' '| there /var/log root:root 755 1104537540$' '| /etc/shadow root:shadow$'
	for call in ppoll pselect epoll_pwait epoll_pwait2; do
		all_say "| $call (-1, 4) True True (-1, 4) 2 True\$"
	done
	"$sopsim" run "$machines" --set 'exec client.command=date' --set scenario.epoch=2024-02-29T13:14:15Z >"$out/date"
	grep -q '| Thu Feb 29 13:14:16 UTC 2024$' "$out/date" || complain "the epoch is another: $(cat "$out/date")"
	;;
dns)
	# A name server that asks for the machine's addresses by netlink; a client that wants SO_REUSEPORT.
	need dnsmasq dig
	printf '%s\n' 'dig +short "@$1" www.example' 'dig +tcp "@$1" www.example' 'echo status $?' >ask.sh
	between 'dnsmasq -k -C /dev/null --no-resolv --user=root --pid-file=/run/dnsmasq.pid --address=/example/10.9.8.7' \
		'sh ask.sh @'
	all_say '| 10.9.8.7$' '| www.example..*IN.*A.*10.9.8.7$' 'flags: qr aa' '| status 0$'
	;;
ip)
	need ip
	refusal='refused: netlink request 16$'
	between true "sh -c 'ip addr; ip route; ip link show eth2; ip -s link show eth2 | grep -c eth2; ip link set eth2 down; ip link show eth2; ip link show dev nothing; ip neigh'"
	all_say '| 1: lo: <LOOPBACK,UP> mtu 16436' '|     inet 10.0.1.2/24 brd 10.0.1.255 scope global eth2$' \
		'| 10.0.1.0/24 dev eth2 proto kernel scope link src 10.0.1.2' '| Device "nothing" does not exist' '| 3: eth2: <BROADCAST,MULTICAST> mtu 1500'
	;;
postgres)
	# It insists on files of a user's own, who is not root.
	bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1)
	[ -x "$bin/initdb" ] && getent passwd postgres >/dev/null || skip 'no postgresql here'
	need setpriv psql
	# It makes its files once here, and takes those that it makes outside on each way, which is quicker.
	"$sopsim" exec "$machines" --set sop.loaded=no -- setpriv --reuid=postgres --regid=postgres --init-groups \
		"$bin/initdb" -D /var/lib/postgresql/data -A trust -N -E UTF8 >"$out/said" 2>&1 ||
		complain "initdb: $(tail -n 5 "$out/said")"
	grep -q 'owned by user "postgres"' "$out/said" || complain "initdb does not know whose files it makes"
	run=("$bin/initdb" -D "$PWD/data" -A trust -N -E UTF8)
	if [ "$(id -u)" -eq 0 ]; then
		chmod 755 "$folder" "$folder/here"
		install -d -o postgres data
		run=(setpriv --reuid=postgres --regid=postgres --clear-groups "${run[@]}")
	fi
	"${run[@]}" >"$out/said" 2>&1 || skip "initdb: $(tail -n 1 "$out/said")"
	[ "$(id -u)" -ne 0 ] || chown -R root data
	echo host all all 10.0.0.0/8 trust >>data/pg_hba.conf
	cat >server.sh <<-END
		cp -r data /var/lib/postgresql/data
		chown -R postgres:postgres /var/lib/postgresql/data
		exec setpriv --reuid=postgres --regid=postgres --init-groups $bin/postgres -D /var/lib/postgresql/data \\
			-c "listen_addresses=*" -c log_min_messages=fatal
	END
	cat >client.sh <<-'END'
		ask="psql -h $1 -U postgres -At"
		$ask -c 'create table t as select generate_series(1, 1000) as n; select sum(n) from t'
		for i in 1 2 3; do $ask -c "select 'row ' || n, pg_sleep(0.1) from t where n = $i" & done; wait
		$ask -c 'select now()::date'; $ask -c 'select nothing' 2>&1; echo over
	END
	between 'sh server.sh' 'sh client.sh @' --set 'exec client.at=5s'
	all_say '| 500500$' '| row 1|$' '| row 3|$' '| 2005-01-01$' 'column "nothing" does not exist'
	;;
vsftpd)
	# What may be written follows from whose folder it is.  Its processes hand over sockets.
	need vsftpd curl
	getent passwd ftp >/dev/null || skip 'no user ftp here'
	files 300000
	printf '%s\n' listen=YES background=NO anonymous_enable=YES local_enable=NO anon_root=/tmp/ftp write_enable=YES \
		anon_upload_enable=YES seccomp_sandbox=NO >ftp.conf
	cat >server.sh <<-'END'
		mkdir -p /tmp/ftp/in /var/run/vsftpd/empty
		cp html/big /tmp/ftp; chown ftp /tmp/ftp/in; cp ftp.conf /tmp
		exec vsftpd /tmp/ftp.conf
	END
	cat >client.sh <<-'END'
		curl -s ftp://$1/big | cmp - html/big && echo same
		curl -sS -T ftp.conf ftp://$1/in/up; curl -sS -T ftp.conf ftp://$1/no
		curl -s ftp://$1/ ftp://$1/in/; echo over
	END
	between 'sh server.sh' 'sh client.sh @'
	all_say '| same$' 'Failed FTP upload: 553' '-rw-------    1 [0-9]* *[0-9]* *[0-9]* Jan 01 00:00 up' '| over$'
	;;
memcached)
	need memcached nc
	between 'memcached -u nobody -p 11211 -t 4' \
		"sh -c 'printf \"set a 0 0 5\r\nhello\r\nget a\r\nstats\r\nquit\r\n\" | nc -q 1 @ 11211'"
	all_say '| STORED' '| hello' 'STAT curr_connections'
	;;
haproxy)
	need haproxy python3 ab curl
	files
	printf '%s\n' global ' nbthread 4' defaults ' mode http' ' timeout connect 1s' ' timeout client 5s' ' timeout server 5s' \
		'frontend f' ' bind *:80' ' default_backend b' 'backend b' ' server s1 127.0.0.1:8080 check' \
		' server s2 127.0.0.1:8081 check' >haproxy.cfg
	between "sh -c 'for port in 8080 8081; do python3 -m http.server \$port -d html & done; exec haproxy -W -f haproxy.cfg'" \
		"sh -c 'sleep 3; ab -q -n 50 -c 5 http://@/index.html; curl -s http://@/big | wc -c'"
	all_say 'Complete requests:      50' 'Failed requests:        0' '| 1000000$'
	;;
mosquitto)
	need mosquitto mosquitto_pub mosquitto_sub
	printf '%s\n' 'listener 1883' 'allow_anonymous true' >mosquitto.conf
	chmod 755 "$folder" "$folder/here"
	between 'mosquitto -c mosquitto.conf' \
		"sh -c 'mosquitto_sub -h @ -t t -C 3 & sleep 1; for i in 0 1 2; do mosquitto_pub -h @ -t t -m message\$i -q \$i; done; wait'"
	all_say '| message0$' '| message2$'
	;;
rsync)
	need rsync
	files
	touch -d 2005-01-01 html/* html # rsync looks at dates to a second: none may be that of a run
	printf '[m]\npath = %s\nreverse lookup = no\n' "$PWD/html" >rsync.conf
	between 'rsync --daemon --no-detach --config=rsync.conf' "sh -c 'rsync -a rsync://@/m/ /tmp/m/; cmp /tmp/m/big html/big && echo same'"
	all_say '| same$'
	;;
git)
	need git
	git init -q --bare r.git && git init -q w || exit 1
	for i in 1 2 3; do
		seq 1 ${i}000 >w/f
		git -C w add f
		git -C w -c user.name=a -c user.email=a@b commit -q -m "commit $i" || exit 1
	done
	git -C w push -q ../r.git HEAD:master || exit 1
	between "git -c safe.directory=* daemon --base-path=$PWD --export-all" \
		"sh -c 'git clone -q git://@/r.git /tmp/c; cd /tmp/c; git checkout -q master; git log --oneline | wc -l; tail -n 1 f'"
	all_say '| 3$' '| 3000$'
	;;
ffmpeg)
	need ffmpeg
	# A film of two seconds, and what a player makes of it: a checksum a frame.
	ffmpeg -nostdin -v error -f lavfi -i testsrc=size=160x120:rate=25:duration=2 -f lavfi -i sine=duration=2 \
		-c:v mpeg2video -b:v 300k -c:a mp2 -b:a 64k film.ts 2>"$out/said" || skip "ffmpeg makes no film: $(cat "$out/said")"
	frames=$(ffmpeg -nostdin -v error -i film.ts -f framecrc - | grep -c '^[01],')
	play='ffmpeg -nostdin -v error -threads 1'
	stream='ffmpeg -nostdin -v error -re -i film.ts -c copy -f mpegts'
	between "$stream tcp://0.0.0.0:5000?listen=1" "sh -c '$play -i tcp://@:5000 -f framecrc - | grep -c ^[01],; date +%s'"
	all_say "| $frames\$" '| 110453760[34]$' # as long as the film
	between "$stream -listen 1 http://0.0.0.0:8080/film.ts" "sh -c '$play -i http://@:8080/film.ts -f framecrc - | grep -c ^[01],'"
	all_say "| $frames\$"
	between "sh -c '$play -i udp://0.0.0.0:5000?timeout=1000000 -f framecrc - | grep -c ^[01],'" "$stream udp://@:5000?pkt_size=1316" \
		--set 'exec server.background=no'
	all_say '| [1-9][0-9]*$'
	;;
vlc)
	need cvlc ffmpeg su
	# As somebody else than root, whom it refuses to serve.
	ffmpeg -nostdin -v error -f lavfi -i testsrc=size=160x120:rate=25:duration=4 -f lavfi -i sine=duration=4 \
		-c:v mpeg2video -b:v 300k -c:a mp2 -b:a 64k film.ts 2>"$out/said" || skip "ffmpeg makes no film: $(cat "$out/said")"
	chmod 755 "$folder" "$folder/here"
	echo "cvlc -q -I dummy film.ts --sout '#standard{access=http,mux=ts,dst=:8080/film.ts}' --play-and-exit" >play.sh
	between "su nobody -s /bin/sh -c 'sh play.sh'" \
		"sh -c 'curl -s http://@:8080/film.ts | ffmpeg -nostdin -v error -threads 1 -i - -f framecrc - | grep -c ^[01],; date +%s'"
	all_say '| 10[0-9]$' '| 110453760[23]$'
	;;
ssh)
	need sshd ssh ssh-keygen
	ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user || exit 1
	# Not what the login shell of whoever runs this does at first.
	printf '%s\n' "HostKey $PWD/host" "AuthorizedKeysFile $PWD/user.pub" 'StrictModes no' 'UsePAM no' 'PidFile none' \
		'SetEnv BASH_ENV=' >sshd_config
	head -c 300000 /dev/urandom >big
	cat >login.sh <<-'END'
		cp user /tmp/key; chmod 600 /tmp/key
		ssh='ssh -i /tmp/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/tmp/known'
		$ssh root@$1 "cat $PWD/big" 2>/dev/null | cmp - big && echo same
		echo 'tty; id -u; exit 3' | $ssh -tt root@$1 2>/dev/null | tr -d '\r' | sed 's/^/by a terminal /'
		$ssh nobody@$1 true 2>&1 | tail -n 1
	END
	between "sh -c 'mkdir /run/sshd; exec /usr/sbin/sshd -D -e -f sshd_config'" 'sh login.sh @'
	all_say '| same$' 'by a terminal /dev/pts/0$' 'by a terminal 0$' 'Permission denied\|not available'
	;;
redis)
	need redis-server redis-benchmark redis-cli
	between "redis-server --port 6379 --save '' --protected-mode no" \
		"sh -c 'redis-cli -h @ set a 5; redis-cli -h @ incr a; redis-benchmark -h @ -n 100 -c 5 -t get -q; redis-cli -h @ shutdown'"
	all_say 'OK' '| 6$' 'GET: .*requests per second' 'ready to exit, bye bye'
	# The scenario that people are shown: what was on the card is lost, the data are not.
	"$sopsim" run "$root/scenarios/redis.ini" >"$out/pulled" 2>"$out/said" || complain "redis.ini: $(cat "$out/said")"
	for text in 'remove toe0: done' 'benchmark ended with 124' '| by redis$' 'requests per second'; do
		grep -q -- "$text" "$out/pulled" || complain "redis.ini does not say '$text'"
	done
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
	if command -v traceroute >/dev/null && command -v ss >/dev/null; then
		between "sh -c 'nc -l 5000 & sleep 1; ss -tln'" \
			"sh -c 'traceroute -n @ | tail -n 1; echo | nc -N @ 5000'" --set 'exec client.at=2s'
		all_say '| LISTEN .* 0.0.0.0:5000 ' '1  10.0.[01].1  [0-9.]* ms'
	fi
	;;
iperf3)
	need iperf3
	between 'iperf3 -s' "sh -c 'iperf3 -c @ -n 500K; iperf3 -R -P 2 -c @ -n 250K; iperf3 -u -c @ -b 2M -t 1'"
	all_say 'sender' 'receiver' 'SUM' ' 0/1[0-9]* (0%) *receiver'
	for way in "${ways[@]}"; do
		[ "$(grep -c 'client .*iperf Done' "$out/$way.out")" -eq 3 ] || complain "$way: iperf3 was not done: $(tail -5 "$out/$way.out")"
	done
	;;
esac
exit $bad
