/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The witness: a process that talks to its counterpart by a stack on which no fault falls, as long as
 * the others are at work.  Whatever becomes of the other cards, it loses nothing.
 */
#include "random_world.h"

#include "host/file/file.h"
#include "host/socket/syscalls.h"

#define ROUND 1200U
#define LONGEST (500 * SIM_MS)

/* Sends some bytes, and waits until they are back. */
static void one_round(struct task *me, int fd, uint64_t at) {
	uint8_t buf[ROUND];
	long n, got = 0;

	pattern_fill(1, at, buf, sizeof buf);
	n = sys_send(me, fd, buf, sizeof buf, MSG_NOSIGNAL);
	if (n != ROUND)
		WRONG("the witness sent %ld of %u bytes", n, ROUND);
	for (; got < (long)ROUND; got += n) {
		n = sys_recv(me, fd, buf + got, sizeof buf - (size_t)got, 0);
		if (n <= 0)
			WRONG("the witness received %ld (%s)", n, g_strerror((int)-n));
	}
	if (!pattern_check(1, at, buf, sizeof buf))
		WRONG("what the witness received is not what it sent");
}

int random_witness(struct task *me, void *arg) {
	unsigned net = GPOINTER_TO_UINT(arg);
	struct sockaddr_in own = at(random_addr(net), 0), peer = at(peer_addr(random_home(net)), 7);
	int fd = sys_socket(me, AF_INET, SOCK_STREAM, 0);
	sim_time pause = SIM_MS;

	/* A card that holds few sockets may be full already. */
	if (fd < 0 || sys_bind(me, fd, (struct sockaddr *)&own, sizeof own) ||
	    sys_connect(me, fd, (struct sockaddr *)&peer, sizeof peer))
		return 0;
	for (uint64_t n = 0; !random_is_over(); n++) {
		one_round(me, fd, n * ROUND);
		sys_nanosleep(me, pause);
		pause = MIN(2 * pause, LONGEST);
	}
	sys_close(me, fd);
	return 0;
}
