# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that few programs make, on a simulated machine: what they give is printed (programs.sh)."""
import ctypes
import fcntl
import mmap
import os
import pty
import select
import signal
import socket
import struct
import termios
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
MSG_WAITFORONE = 0x10000
librt = ctypes.CDLL("librt.so.1", use_errno=True)


def times(value, interval):
    """A struct itimerspec of nanoseconds."""
    return struct.pack("qqqq", 0, interval, 0, value)


def timerfd():
    fd = libc.timerfd_create(time.CLOCK_MONOTONIC, 0)
    begin = time.monotonic()
    assert libc.timerfd_settime(fd, 0, times(50_000_000, 20_000_000), None) == 0
    first, = struct.unpack("Q", os.read(fd, 8))
    took = time.monotonic() - begin
    time.sleep(0.1)
    then, = struct.unpack("Q", os.read(fd, 8))
    ready = bool(select.select([fd], [], [], 0)[0])
    current = ctypes.create_string_buffer(32)
    libc.timerfd_gettime(fd, current)
    print("timerfd", first, 0.05 <= took < 0.07, then, ready, struct.unpack("qqqq", current)[1])
    try:
        os.read(fd, 4)
    except OSError as error:
        print("timerfd: a short read:", os.strerror(error.errno))


def timers():
    rang = []
    signal.signal(signal.SIGUSR1, lambda *_: rang.append(time.monotonic()))
    timer = ctypes.c_void_p()
    event = struct.pack("qii", 77, signal.SIGUSR1, 0) + bytes(48)
    assert librt.timer_create(time.CLOCK_MONOTONIC, event, ctypes.byref(timer)) == 0
    begin = time.monotonic()
    assert librt.timer_settime(timer, 0, times(30_000_000, 0), None) == 0
    time.sleep(0.2)
    print("timer: a signal", len(rang), 0.03 <= rang[0] - begin < 0.05,
          librt.timer_getoverrun(timer), librt.timer_delete(timer), librt.timer_delete(timer))
    seen = []
    called = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(seen.append)
    event = struct.pack("qiiQQ", 5, 0, 2, ctypes.cast(called, ctypes.c_void_p).value, 0) + bytes(32)
    assert librt.timer_create(time.CLOCK_MONOTONIC, event, ctypes.byref(timer)) == 0
    assert librt.timer_settime(timer, 0, times(10_000_000, 10_000_000), None) == 0
    begin = time.monotonic()
    while len(seen) < 3 and time.monotonic() - begin < 5:
        time.sleep(0.01)
    librt.timer_delete(timer)
    print("timer: a thread", seen[:3])


def pidfd():
    child = os.fork()
    if child == 0:
        time.sleep(1000)
        os._exit(3)
    fd = os.pidfd_open(child)
    print("pidfd: lives", not select.select([fd], [], [], 0.5)[0])
    signal.pidfd_send_signal(fd, signal.SIGTERM)
    print("pidfd: dead", bool(select.select([fd], [], [], 5)[0]),
          os.waitid(os.P_PIDFD, fd, os.WEXITED).si_status)
    # A process's folder in /proc does as well.
    child = os.fork()
    if child == 0:
        time.sleep(1000)
        os._exit(3)
    folder = os.open("/proc/%d" % child, os.O_DIRECTORY)
    signal.pidfd_send_signal(folder, signal.SIGTERM)
    print("pidfd: by its folder", os.waitpid(child, 0)[1])


def messages():
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 7000))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", 7000))
    for i in range(3):
        sender.send(b"datagram %d" % i)
    buffers = [ctypes.create_string_buffer(64) for _ in range(5)]
    vectors = [struct.pack("QQ", ctypes.addressof(b), 64) for b in buffers]
    places = [ctypes.create_string_buffer(v, 16) for v in vectors]
    heads = ctypes.create_string_buffer(
        b"".join(struct.pack("QIIQQQQiiII", 0, 0, 0, ctypes.addressof(p), 1, 0, 0, 0, 0, 0, 0)
                 for p in places))
    got = libc.recvmmsg(receiver.fileno(), heads, 5, MSG_WAITFORONE, None)
    print("recvmmsg", got, [b.value.decode() for b in buffers[:got]])


def tcp():
    listener = socket.create_server(("127.0.0.1", 7001))
    client = socket.create_connection(("127.0.0.1", 7001))
    server, _ = listener.accept()
    client.send(bytes(1000))
    server.recv(1000)
    info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    print("TCP_INFO", info[0], struct.unpack("I", info[16:20])[0] > 500)
    epoll = select.epoll()
    epoll.register(server.fileno(), select.EPOLLIN)
    events = ctypes.create_string_buffer(48)
    begin = time.monotonic()
    print("epoll_pwait2", libc.syscall(441, epoll.fileno(), events, 4, struct.pack("qq", 1, 0), None, 8),
          1 <= time.monotonic() - begin < 1.05)
    out, into = os.pipe()
    os.write(into, b"bytes")
    print("splice", libc.splice(out, None, server.fileno(), None, 5, 0), ctypes.get_errno())


def terminal():
    child, fd = pty.fork()
    if child == 0:
        os.execvp("sh", ["sh", "-c", "tty; read x; echo got $x; seq 2000 | tail -n 1; exit 3"])
    time.sleep(0.5)
    os.write(fd, b"a line\n")  # its echo comes behind what nobody has read yet
    time.sleep(0.01)
    waits = struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0]
    reads = [os.read(fd, 1000)]
    try:
        while more := os.read(fd, 1000):
            reads.append(more)
    except OSError:
        pass
    print("terminal", b"".join(reads).decode().split(), os.waitpid(child, 0)[1] >> 8, waits == len(reads[0]))


def signalfd():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    mask = struct.pack("Q", 1 << (signal.SIGUSR2 - 1))
    fd = libc.syscall(289, -1, mask, 8, 0)
    before = bool(select.select([fd], [], [], 0.1)[0])
    os.kill(os.getpid(), signal.SIGUSR2)
    print("signalfd", before, bool(select.select([fd], [], [], 5)[0]), os.read(fd, 128)[0])


def files():
    """A file sent to a pipe that nobody empties at first; and what is answered, though nothing is done."""
    out, into = os.pipe()
    with open("/tmp/file", "wb") as file:
        file.write(bytes(range(256)) * 1000)
    child = os.fork()
    if child == 0:
        os.close(into)
        time.sleep(0.2)
        got = b""
        while more := os.read(out, 1 << 20):
            got += more
        os._exit(got != bytes(range(256)) * 1000)
    begin = time.monotonic()
    with open("/tmp/file", "rb") as file:
        sent = os.sendfile(into, file.fileno(), None, 1 << 20), file.tell()
    os.close(into)
    print("sendfile", sent, time.monotonic() - begin > 0.1, os.waitpid(child, 0)[1])

    def error(call, *args):
        try:
            return call(*args)
        except OSError as error:
            return error.errno
    print("chown", error(os.chown, "/tmp/nothing", 1, 1), error(os.fchown, 99, 1, 1), error(os.chown, "/tmp/file", 1, 1),
          error(os.sched_setaffinity, 0, [7]), error(os.sched_getaffinity, 99), os.sched_getaffinity(0))


def masks():
    """A signal that only a call's own mask lets through ends it, and the program's is back then."""
    rang = []
    signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 7002))
    fd = sock.fileno()
    epoll = libc.epoll_create1(0)
    libc.epoll_ctl(epoll, 1, fd, struct.pack("=Iq", 1, fd))
    reads = ctypes.create_string_buffer(128)
    fds = ctypes.create_string_buffer(struct.pack("ihh", fd, 1, 0), 8)
    none, events = ctypes.create_string_buffer(8), ctypes.create_string_buffer(48)
    nine, eight = struct.pack("qq", 9, 0), ctypes.c_long(8)
    mask = struct.pack("QQ", ctypes.addressof(none), 8)

    def pselect():
        reads[fd // 8] = bytes([1 << fd % 8])
        return libc.syscall(270, fd + 1, reads, None, None, nine, mask)
    for name, call in {
            "ppoll": lambda: libc.syscall(271, fds, 1, nine, none, eight),
            "pselect": pselect,
            "epoll_pwait": lambda: libc.syscall(281, epoll, events, 4, 9000, none, eight),
            "epoll_pwait2": lambda: libc.syscall(441, epoll, events, 4, nine, none, eight)}.items():
        rang.clear()
        begin = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        first = call(), ctypes.get_errno()
        took = time.monotonic() - begin
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(0.05)
        pending = signal.SIGALRM in signal.sigpending()
        print(name, first, 0.05 <= took < 0.07, pending, (call(), ctypes.get_errno()), len(rang),
              fds.raw == struct.pack("ihh", fd, 1, 0))
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        libc.syscall(271, None, 0, nine, none, eight)
        os._exit(0)
    print("masks: killed by", os.waitpid(child, 0)[1])


def senders():
    """Who waits for a signal, or handles it, sees who sent it: an end too, which nobody handles."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    child = os.fork()
    if child == 0:
        os.kill(os.getppid(), signal.SIGUSR1)
        os._exit(0)
    info = signal.sigwaitinfo([signal.SIGUSR1])
    print("sender: a child", info.si_pid == child, info.si_code, os.waitpid(child, 0)[1])
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
    info = signal.sigwaitinfo([signal.SIGUSR1])
    print("sender: a thread", info.si_pid == os.getpid(), info.si_code)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    child = os.fork()
    if child == 0:
        time.sleep(0.1)
        os._exit(0)
    print("sender: an end", signal.sigwaitinfo([signal.SIGCHLD]).si_pid == child, os.waitpid(child, os.WNOHANG)[1])


def identity():
    """Users and groups by 2.4's rules."""
    def refused(call, *args):
        try:
            call(*args)
        except PermissionError:
            return True
        return False
    child = os.fork()
    if child == 0:
        os.setgroups([7, 8])
        os.setresgid(70, 70, 70)
        os.setresuid(1, 2, 3)
        print("identity", os.getresuid(), os.getresgid(), os.getgroups(), refused(os.setgroups, []),
              refused(os.setuid, 0), refused(os.setresuid, -1, 9, -1), flush=True)
        os.setreuid(-1, 3)
        os.setuid(1)
        raw = refused(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1)
        low = refused(socket.socket().bind, ("", 99))
        print("identity", os.getresuid(), os.geteuid(), raw, low, flush=True)
        os.execvp("id", ["id", "-u"])
    os.waitpid(child, 0)
    os.seteuid(5)
    os.seteuid(0)
    print("identity", os.getresuid(), os.getuid())


def capabilities():
    """Who keeps capabilities when it leaves root, as many servers do, has what it then asks for, and no more."""
    libc = ctypes.CDLL(None, use_errno=True)
    setuid, bind, root = 1 << 7, 1 << 10, (1 << 41) - 1
    def call(nr, *words):
        data = (ctypes.c_uint32 * 6)(*words)
        ret = libc.syscall(nr, (ctypes.c_uint32 * 2)(0x20080522, 0), data)
        return tuple(data[i] | data[i + 3] << 32 for i in range(3)) if ret == 0 else -ctypes.get_errno()
    def capget(): return call(125)
    def capset(effective, permitted):
        return call(126, effective & 0xffffffff, permitted & 0xffffffff, 0, effective >> 32, permitted >> 32, 0)
    def allowed(f, *args):
        try:
            f(*args)
        except PermissionError:
            return False
        return True
    if os.fork() == 0:
        print("capabilities: root", capget() == (root, root, 0), libc.prctl(8, 1), libc.prctl(7), flush=True)
        os.setresuid(5, 5, 5)
        print("capabilities: kept", capget() == (0, root, 0), allowed(socket.socket().bind, ("", 98)),
              allowed(os.setgid, 6), flush=True)
        print("capabilities: asked", capset(bind, bind) == (bind, bind, 0), allowed(socket.socket().bind, ("", 98)),
              allowed(os.setuid, 6), capset(setuid, setuid), flush=True)
        if os.fork() == 0:
            os.execvp("python3", ["python3", "-c", """if True:
                import socket
                try: socket.socket().bind(("", 98))
                except OSError as e: print("capabilities: executed", e.errno)"""])
        os.wait()
        os._exit(0)
    os.wait()
    if os.fork() == 0:
        os.seteuid(5)
        low = allowed(socket.socket().bind, ("", 98))
        os.seteuid(0)
        print("capabilities: back", low, capget() == (root, root, 0), flush=True)
        os.setuid(5)
        print("capabilities: gone", capget(), flush=True)
        os._exit(0)
    os.wait()


def reuse_port():
    """Today's option: kept, and without effect on a port that is taken."""
    first, second = socket.socket(), socket.socket()
    before = first.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)
    for one in first, second:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    first.bind(("", 7003))
    first.listen()
    socket.create_connection(("127.0.0.1", 7003)).close()
    try:
        second.bind(("", 7003))
    except OSError as error:
        print("reuse port", before, first.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT), error.errno)


def interfaces():
    """What rtnetlink says, as the C library asks: names, addresses, what is refused."""
    print("interfaces", socket.if_nameindex())
    print("names", socket.if_indextoname(2), socket.if_nametoindex("eth2"))

    class Address(ctypes.Structure):
        pass
    Address._fields_ = [("next", ctypes.POINTER(Address)), ("name", ctypes.c_char_p), ("flags", ctypes.c_uint),
                        ("addr", ctypes.c_void_p), ("mask", ctypes.c_void_p), ("broadcast", ctypes.c_void_p),
                        ("data", ctypes.c_void_p)]
    first, rows = ctypes.POINTER(Address)(), []
    assert libc.getifaddrs(ctypes.byref(first)) == 0
    one = first
    while one:
        row = one.contents
        if row.addr and ctypes.cast(row.addr, ctypes.POINTER(ctypes.c_uint16))[0] == socket.AF_INET:
            rows.append(" ".join([row.name.decode()] + [socket.inet_ntoa(ctypes.string_at(at + 4, 4))
                                                         for at in (row.addr, row.mask)] + [str(row.flags & 1)]))
        one = row.next
    print("addresses", rows)
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    sock.bind((0, 0))
    other = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    other.bind((0, 0))

    def ask(kind, flags, rest):
        sock.send(struct.pack("IHHII", 16 + len(rest), kind, 1 | flags, 77, 0) + rest)
        return sock.recv(8192)
    reply = ask(16, 4, bytes(16))  # RTM_NEWLINK
    print("netlink", sock.getsockname()[0] == os.getpid() != other.getsockname()[0],
          struct.unpack("IHHIIi", reply[:20]) == (36, 2, 0, 77, os.getpid(), -95),
          sock.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN))
    sock.setblocking(False)
    try:
        sock.recv(10)
    except BlockingIOError:
        print("netlink: nothing more", select.select([sock], [sock], [], 0.1)[0])
    try:
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
    except OSError as error:
        print("netlink: another protocol", error.errno)


def uptime():
    """No machine has just been switched on when its first program starts."""
    print("uptime", time.monotonic() > 60, time.clock_gettime(time.CLOCK_BOOTTIME) > 60, os.times().elapsed > 60)


def bad_memory():
    """A page that may be read and written, then neither, then only read, then that is no more, and then is another's."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.connect(sock.getsockname())
    fd, size = sock.fileno(), mmap.PAGESIZE
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p

    def page(at=None, rights=3, flags=private):
        return ctypes.c_void_p(libc.mmap(at, ctypes.c_size_t(size), rights, flags, -1, ctypes.c_long(0)))

    def ask(at):
        """What is only told, what is asked with a length and told, what is taken: errors, 0 for none."""
        said, length, errors = ctypes.c_int(0), ctypes.c_int(4), []
        for call, *args in ((libc.ioctl, termios.FIONREAD, at), (libc.ioctl, termios.TIOCOUTQ, at), (libc.ioctl, 0x5421, at),
                            (libc.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE, at, ctypes.byref(length)),
                            (libc.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE, ctypes.byref(said), at),
                            (libc.getsockname, at, ctypes.byref(length)), (libc.send, at, 4, 0),
                            (libc.recv, at, 4, socket.MSG_DONTWAIT)):
            ctypes.set_errno(0)
            call(fd, *args)
            errors.append(ctypes.get_errno())
        sock.setblocking(True)
        return errors
    at = page()
    print("memory", ask(at), ask(at))
    libc.mprotect(at, size, 0)
    print("memory: none", ask(at))
    libc.mprotect(at, size, 3)
    print("memory: again", ask(at))
    ctypes.c_int.from_address(at.value).value = 8
    libc.mprotect(at, size, 1)
    print("memory: read-only", ask(at))
    libc.mprotect(at, size, 3)
    ask(at)
    libc.munmap(at, size)
    print("memory: gone", ask(at))
    print("memory: another", page(at, 0).value == at.value, ask(at))
    libc.munmap(at, size)
    at, other = page(), page()
    ask(at)
    ctypes.c_int.from_address(other.value).value = 8
    libc.mprotect(other, size, 1)
    moved = libc.mremap(other, ctypes.c_size_t(size), ctypes.c_size_t(size), 3, at)
    print("memory: moved", moved == at.value, ask(at))
    epoll = select.epoll()
    epoll.register(fd)
    print("memory: not looked at", libc.epoll_ctl(epoll.fileno(), 2, fd, ctypes.c_void_p(1)))


for part in (bad_memory, timerfd, timers, pidfd, messages, tcp, terminal, signalfd, files, masks, senders, identity, capabilities, reuse_port, interfaces, uptime):
    part()
os.mkfifo("/tmp/fifo")
print("mkfifo made it")
