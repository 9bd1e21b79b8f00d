/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The named costs of the host processor, one line each: X(enum suffix, key, layer, help).
 * A scenario's [cost] group gives the values; `sopsim explain` adds them up by layer and name.
 */
#ifndef HOST_COSTS_H
#define HOST_COSTS_H

#define HOST_COSTS(X)                                                                              \
	X(SYSCALL, syscall, "syscall", "entry to and return from the kernel")                      \
	X(DISPATCH, dispatch, "socket", "descriptor to file to socket to operation")              \
	X(SCHEDULE, context_switch, "sched", "switch to another task, the idle one included")       \
	X(MM_SWITCH, mm_switch, "sched", "load another process's address space")                   \
	X(RUN_QUEUE, run_queue, "sched", "look at one runnable task to find the next")             \
	X(REFILL_L2, refill_l2, "sched", "a task's own bytes come back from the L2 (per byte)")    \
	X(REFILL_MEMORY, refill_memory, "sched",                                                   \
	  "a task's own bytes come back from memory (per byte)")                                    \
	X(WAKEUP, wakeup, "sched", "put a sleeping task on the run queue")                         \
	X(FORK, fork, "sched", "fork and copy a process, exit and reap included")                  \
	X(THREAD, kernel_thread, "sched", "create and end a kernel thread")                        \
	X(SIGNAL, signal, "sched", "deliver a signal to a process")                                \
	X(TIMER, timer, "sched", "run a kernel timer")                                             \
	X(POLL, poll, "socket", "ask one descriptor in select() or poll()")                        \
	X(SOCK_ALLOC, sock_alloc, "socket", "allocate socket, inode and file")                     \
	X(SOCK_FREE, sock_free, "socket", "free socket, inode and file")                           \
	X(FILE_OPEN, file_open, "file", "open, stat and close of a cached file")                   \
	X(FILE_STAT, file_stat, "file", "find a path and tell of its file")                        \
	X(PIPE, pipe, "file", "read or write of a pipe, without copy and wake-up")                 \
	X(UNIX_MESSAGE, unix_message, "socket",                                                     \
	  "send or receive in a UNIX socket, without copy and wake-up")                             \
	X(COPY_PIPE, copy_pipe, "file", "copy into or out of a pipe")                              \
	X(FILE_READ, file_read, "file", "read from the page cache (per call and byte)")            \
	X(FILE_WRITE, file_write, "file", "append to a file, such as a log")                       \
	X(INET_CREATE, inet_create, "inet", "allocate and initialise an INET sock")                \
	X(INET_RELEASE, inet_release, "inet", "free an INET sock")                                 \
	X(INET_BIND, inet_bind, "inet", "bind, listen and other control operations")               \
	X(TCP_CONNECTION, tcp_connection, "tcp", "handshake, accept and TIME_WAIT book-keeping")   \
	X(TCP_SENDMSG, tcp_sendmsg, "tcp", "tcp_sendmsg() without segments and copies")            \
	X(TCP_RECVMSG, tcp_recvmsg, "tcp", "tcp_recvmsg() without copies")                         \
	X(UDP_SENDMSG, udp_sendmsg, "udp", "udp_sendmsg() without copies")                         \
	X(UDP_RECVMSG, udp_recvmsg, "udp", "udp_recvmsg() without copies")                         \
	X(COPY_TX, copy_tx, "tcp", "copy and checksum from user space")                            \
	X(COPY_RX, copy_rx, "tcp", "copy to user space")                                           \
	X(COPY_HOT, copy_hot, "tcp", "copy to or from user space of bytes that lie in the L2")     \
	X(COPY_FILE, copy_file, "file", "sendfile()'s copy of a file, to where the L2 is")          \
	X(COPY_COLD, copy_cold, "file", "read of bytes of which neither end lies in the L2")       \
	X(TCP_TX_SEGMENT, tcp_tx_segment, "tcp", "TCP, IP and device queue: send one segment")     \
	X(TCP_RX_DATA, tcp_rx_data, "tcp", "softirq: receive one data segment")                    \
	X(TCP_RX_ACK, tcp_rx_ack, "tcp", "softirq: receive one pure ACK or control segment")       \
	X(UDP_TX, udp_tx, "udp", "UDP, IP and driver: send one datagram")                          \
	X(UDP_RX, udp_rx, "udp", "softirq: receive one datagram")                                  \
	X(IP_FORWARD, ip_forward, "ip", "forward a packet: receive, route, queue; no driver")         \
	X(PACKET_OTHER, packet_other, "ip", "ARP, ICMP and fragments, each way")                   \
	X(CSUM_RX, csum_rx, "tcp", "verify the checksum of received bytes")                        \
	X(NIC_TX, nic_tx, "driver", "NIC: fill a transmit descriptor")                             \
	X(NIC_RX, nic_rx, "driver", "NIC: take a receive descriptor and refill it")                \
	X(NIC_TX_CLEAN, nic_tx_clean, "driver", "NIC: reclaim a transmitted descriptor")           \
	X(IRQ, irq, "irq", "hardirq entry, handler and exit, softirq wake included")               \
	X(SOFTIRQ, softirq, "irq", "enter a softirq")                                              \
	X(MMIO_WRITE, mmio_write, "pci", "posted write as the CPU sees it")                        \
	X(MMIO_READ, mmio_read, "pci", "read of a device register: the CPU stalls")                \
	X(SOP_DISPATCH, sop_dispatch, "sop", "choose the stack of one call")                       \
	X(SOP_ROUTE, sop_route, "sop", "ask one stack whether it has a route to a destination")    \
	X(SOP_CREATE, sop_create, "sop", "allocate and link a SOP sock")                           \
	X(SOP_RELEASE, sop_release, "sop", "free a SOP sock")                                      \
	X(SOP_HANDOFF, sop_handoff, "sop", "pass a connection from an accept thread to its caller")\
	X(COMM_COMMAND, comm_command, "comm", "build a command for a card")                        \
	X(COMM_COMPLETE, comm_complete, "comm", "take one completion from a card")                 \
	X(COMM_SPIN, comm_spin, "comm", "begin to spin for a completion; the spinning is added")   \
	X(COMM_COPY, comm_copy, "comm", "copy between user space and a DMA buffer")                \
	X(COMM_PIN, comm_pin, "comm", "pin a program's pages for a card's DMA, and let them go")     \
	X(TOE_CREATE, toe_create, "toe", "allocate and free the host's half of a card's socket")   \
	X(USER_REQUEST, user_request, "user", "program: parse and serve one request")              \
	X(USER_BYTE, user_byte, "user", "program: work per byte served")                           \
	X(USER_WORK, user_work, "user", "program: other work in user mode")

enum host_cost {
#define X(id, name, layer, help) COST_##id,
	HOST_COSTS(X)
#undef X
		HOST_COST_COUNT
};

/* What is displaced from an L2 besides tasks, and how much it touches (cache.h), in a [cost] group too: X(enum suffix,
 * key, help). */
#define HOST_FOOTPRINTS(X)                                                                              \
	X(FORK, footprint_fork, "fork, exit and reaping: code, page tables, pages that are copied")     \
	X(CONNECT, footprint_connect, "connect and close of a TCP socket: code and tables")             \
	X(ACCEPT, footprint_accept, "accept and close of a TCP socket: code and tables")                \
	X(TCP, footprint_tcp, "a TCP message sent, received and answered: code and tables")             \
	X(UDP, footprint_udp, "a datagram sent and received: code and tables")                     \
	X(SOCKET, footprint_socket, "each socket: sock, inode, dentry and file")

enum host_footprint {
#define X(id, key, help) FOOTPRINT_##id,
	HOST_FOOTPRINTS(X)
#undef X
		HOST_FOOTPRINT_COUNT
};

#endif
