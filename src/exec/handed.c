/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simulated files under way from process to process (hand.c).  The token of each is one end of a pair of sockets, whose
 * other end is kept: when nobody has the token any more, it says so.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/handed.h"

struct handed {
	struct file *file;
	int kept;     /* the end that is ours */
	ino_t number; /* of the token */
};

int handed_token(struct exec *exec, struct file *file) {
	struct handed *handed;
	struct stat st;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	fstat(ends[1], &st);
	handed = g_new0(struct handed, 1);
	fd_send(file);
	*handed = (struct handed){file, ends[0], st.st_ino};
	exec->handed = g_list_prepend(exec->handed, handed);
	return ends[1];
}

struct file *handed_file(const struct exec *exec, ino_t number) {
	for (const GList *link = exec->handed; link; link = link->next) {
		const struct handed *handed = link->data;

		if (handed->number == number)
			return handed->file;
	}
	return NULL;
}

static void handed_free(struct exec *exec, GList *link) {
	struct handed *handed = link->data;

	exec->handed = g_list_delete_link(exec->handed, link);
	close(handed->kept);
	g_free(handed);
}

void handed_look(struct exec *exec) {
	for (GList *link = exec->handed, *next; link; link = next) {
		const struct handed *handed = link->data;
		struct pollfd pfd = {handed->kept, 0, 0};
		struct file *file = handed->file;

		next = link->next;
		if (poll(&pfd, 1, 0) > 0 && pfd.revents & POLLHUP) {
			handed_free(exec, link);
			fd_sent(file);
		}
	}
}

/* The machines' files are gone by then. */
void handed_end(struct exec *exec) {
	while (exec->handed)
		handed_free(exec, exec->handed);
}
