/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does the server share its work among processes, and get a file out?  Fork by connection or
 * ahead of it; write() or sendfile().
 */
#include "apps/web.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "apps/line.h"
#include "host/socket/syscalls.h"
#include "net/engine/spare.h"

/* Room for a request's head; longer ones are bad requests. */
#define REQUEST_MAX 2048U

#define ACCESS_LOG "/var/log/access"

struct web_server {
	struct kernel *k;
	struct web_conf conf;
	struct web_counters counters;
	struct spares spare_workers;
	int listener;
	int error;
};

/* What a worker needs for one connection; on its heap, since stacks are small. */
struct worker {
	struct web_server *web;
	int conn;
	int log; /* descriptor of the access log, -1: none */
	size_t size;
	char *path; /* room for the one asked for, behind `buf` */
	char buf[];
};

void web_conf_default(struct web_conf *conf) {
	*conf = (struct web_conf){
		.family = AF_INET,
		.addr = INADDR_ANY,
		.port = 80,
		.backlog = 128,
		.model = WEB_FORK,
		.workers = 1024,
		.write_size = 8192,
		.access_log = true,
	};
}

static struct worker *worker_new(struct web_server *web) {
	size_t size = MAX(web->conf.write_size, REQUEST_MAX);
	struct worker *w = spare_take(&web->spare_workers);

	if (!w)
		w = g_malloc(sizeof *w + size + 1 + size + 1);
	w->path = w->buf + size + 1;
	w->web = web;
	w->size = size;
	w->conn = w->log = -1;
	return w;
}

static void worker_free(struct worker *const *w) {
	spare_give(&(*w)->web->spare_workers, *w, g_free);
}
#define AUTO_WORKER __attribute__((cleanup(worker_free)))

/* --- one request ---------------------------------------------------------------------------- */

/* Reads up to the end of the request's head: its length, 0 if the client left, -1 if it is bad. */
static ssize_t read_head(struct task *me, struct worker *w) {
	size_t have = 0;

	while (have < REQUEST_MAX) {
		ssize_t n = sys_read(me, w->conn, w->buf + have, REQUEST_MAX - have);
		if (n <= 0)
			return have == 0 ? 0 : -1;
		have += (size_t)n;
		w->buf[have] = '\0';
		if (strstr(w->buf, "\r\n\r\n"))
			return (ssize_t)have;
	}
	return -1;
}

enum method { METHOD_NONE, METHOD_GET, METHOD_HEAD, METHOD_OTHER };

/* What "METHOD path HTTP/1.x" asks for, the path cut out; METHOD_NONE if the line is none, or names
 * no file of ours.  A method that is not GET or HEAD is one all the same: any token is (RFC 1945
 * 5.1.1). */
static enum method parse_request(char *head, char **path) {
	char *end = strstr(head, " HTTP/1."), *space = strchr(head, ' ');
	size_t length = strspn(head, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");

	if (!end || !space || space >= end || space != head + length || !length ||
	    memchr(head, '\n', (size_t)(end - head)))
		return METHOD_NONE;
	*space = *end = '\0';
	*path = space + 1;
	if (!g_str_equal(head, "GET") && !g_str_equal(head, "HEAD"))
		return METHOD_OTHER;
	if (**path != '/')
		return METHOD_NONE;
	return *head == 'G' ? METHOD_GET : METHOD_HEAD;
}

/* write() until all is out. */
static int write_all(struct task *me, int fd, const char *buf, size_t len) {
	while (len > 0) {
		ssize_t n = sys_write(me, fd, buf, len);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static size_t put_head(char *buf, size_t size, int status, const char *reason, off_t length) {
	struct line line = line_in(buf, size);

	line_text(&line, "HTTP/1.0 ");
	line_number(&line, (uint64_t)status, 3);
	line_text(&line, " ");
	line_text(&line, reason);
	line_text(&line, "\r\nDate: Fri, 17 Jun 2005 09:00:00 GMT\r\n"
	                 "Server: simple/1.0 (Linux)\r\n"
	                 "Last-Modified: Fri, 04 Mar 2005 09:00:00 GMT\r\n"
	                 "Connection: close\r\n"
	                 "Content-Type: text/html\r\n"
	                 "Content-Length: ");
	line_number(&line, (uint64_t)length, 1);
	line_text(&line, "\r\n\r\n");
	return line_length(&line);
}

/* Head and body in writes of the configured size, the head in front of the first. */
static int send_copied(struct task *me, struct worker *w, int file, off_t length) {
	size_t fill = put_head(w->buf, w->size, 200, "OK", length);

	while (length > 0 || fill > 0) {
		size_t want = MIN((size_t)length, MAX(w->web->conf.write_size, fill + 1) - fill);
		ssize_t n = length > 0 ? sys_read(me, file, w->buf + fill, want) : 0;
		if (n < 0)
			return (int)n;
		user_charge(me, COST_USER_BYTE, (size_t)n);
		int err = write_all(me, w->conn, w->buf, fill + (size_t)n);
		if (err)
			return err;
		w->web->counters.body_bytes += (uint64_t)n;
		length = n > 0 ? length - n : 0;
		fill = 0;
	}
	return 0;
}

static int send_by_sendfile(struct task *me, struct worker *w, int file, off_t length) {
	size_t fill = put_head(w->buf, w->size, 200, "OK", length);
	int err = write_all(me, w->conn, w->buf, fill);

	while (!err && length > 0) {
		ssize_t n = sys_sendfile(me, w->conn, file, NULL, (size_t)length);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		w->web->counters.body_bytes += (uint64_t)n;
		length -= n;
	}
	return err;
}

static int send_error(struct task *me, struct worker *w, int status, const char *reason) {
	size_t n = put_head(w->buf, w->size, status, reason, 0);

	return write_all(me, w->conn, w->buf, n);
}

static int send_head(struct task *me, struct worker *w, off_t length) {
	return write_all(me, w->conn, w->buf, put_head(w->buf, w->size, 200, "OK", length));
}

static void log_access(struct task *me, struct worker *w, enum method method, const char *path,
                       off_t length) {
	char text[160];
	struct line line = line_in(text, sizeof text - 1);

	line_text(&line, method == METHOD_HEAD ? "- - \"HEAD " : "- - \"GET ");
	line_text(&line, path);
	line_text(&line, " HTTP/1.0\" 200 ");
	line_number(&line, (uint64_t)length, 1);
	line_text(&line, "\n");
	if (w->log >= 0)
		sys_write(me, w->log, text, line_length(&line));
}

static void serve_file(struct task *me, struct worker *w, enum method method, const char *path) {
	struct web_server *web = w->web;
	/* It lies in `buf`, which the answer takes. */
	char *name = memcpy(w->path, path, strlen(path) + 1);
	struct stat st;
	int file = sys_open(me, name, O_RDONLY);

	if (file < 0) {
		web->counters.not_found++;
		send_error(me, w, 404, "Not Found");
		return;
	}
	sys_fstat(me, file, &st);
	int err = method == METHOD_HEAD ? send_head(me, w, st.st_size)
	          : web->conf.sendfile  ? send_by_sendfile(me, w, file, st.st_size)
	                                : send_copied(me, w, file, st.st_size);
	sys_close(me, file);
	if (err)
		web->counters.aborted++;
	else
		web->counters.requests++;
	log_access(me, w, method, name, st.st_size);
}

static void serve(struct task *me, struct worker *w) {
	ssize_t n = read_head(me, w);

	if (n != 0) {
		user_charge(me, COST_USER_REQUEST, 0);
		char *path = NULL;
		enum method method = n > 0 ? parse_request(w->buf, &path) : METHOD_NONE;

		if (method == METHOD_GET || method == METHOD_HEAD) {
			serve_file(me, w, method, path);
		} else {
			w->web->counters.bad_requests++;
			if (method == METHOD_OTHER)
				send_error(me, w, 501, "Not Implemented");
			else
				send_error(me, w, 400, "Bad Request");
		}
	}
	sys_close(me, w->conn);
}

/* --- processes ------------------------------------------------------------------------------ */

static int open_log(struct task *me, const struct web_server *web) {
	return web->conf.access_log ? sys_open(me, ACCESS_LOG, O_WRONLY | O_CREAT | O_APPEND) : -1;
}

/* A forked worker: one connection, then exit.  (Freed too when the world ends under it.) */
static int fork_worker(struct task *me, void *arg) {
	AUTO_WORKER struct worker *w = arg;

	sys_close(me, w->web->listener);
	serve(me, w);
	return 0;
}

static int accept_one(struct task *me, struct web_server *web) {
	int conn = sys_accept(me, web->listener, NULL, NULL);

	if (conn >= 0)
		web->counters.accepted++;
	return conn;
}

/* Errors after which accept() is worth another try; others mean that the listener is gone. */
static bool accept_goes_on(int err) {
	return err == -EINTR || err == -ECONNABORTED || err == -EMFILE || err == -ENOBUFS ||
	       err == -EAGAIN;
}

static int fork_loop(struct task *me, struct web_server *web) {
	unsigned live = 0;
	int log = open_log(me, web);

	for (;;) {
		while (live > 0 &&
		       sys_waitpid(me, -1, NULL, live < web->conf.workers ? WNOHANG : 0) > 0)
			live--;
		int conn = accept_one(me, web);
		if (conn < 0) {
			if (!accept_goes_on(conn))
				return conn;
			continue;
		}
		struct worker *w = worker_new(web);
		w->conn = conn;
		w->log = log;
		if (sys_fork(me, fork_worker, w) > 0)
			live++;
		else
			worker_free(&w);
		sys_close(me, conn);
	}
}

static int prefork_worker(struct task *me, void *arg) {
	struct web_server *web = arg;
	AUTO_WORKER struct worker *w = worker_new(web);

	w->log = open_log(me, web);
	for (;;) {
		w->conn = accept_one(me, web);
		if (w->conn >= 0)
			serve(me, w);
		else if (!accept_goes_on(w->conn))
			return w->conn;
	}
}

static int prefork_loop(struct task *me, struct web_server *web) {
	for (unsigned i = 0; i < web->conf.workers; i++)
		sys_fork(me, prefork_worker, web);
	while (sys_waitpid(me, -1, NULL, 0) > 0)
		;
	return 0;
}

static int open_listener(struct task *me, const struct web_conf *conf, int *listener) {
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(conf->port),
		.sin_addr.s_addr = htonl(conf->addr),
	};
	int one = 1;
	int fd = sys_socket(me, conf->family, SOCK_STREAM, 0);

	if (fd < 0)
		return fd;
	int err = sys_setsockopt(me, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (!err)
		err = sys_bind(me, fd, (const struct sockaddr *)&sin, sizeof sin);
	if (!err)
		err = sys_listen(me, fd, conf->backlog);
	*listener = fd;
	return err;
}

static int web_main(struct task *me, void *arg) {
	struct web_server *web = arg;

	web->error = open_listener(me, &web->conf, &web->listener);
	if (web->error == 0)
		web->error =
			web->conf.model == WEB_FORK ? fork_loop(me, web) : prefork_loop(me, web);
	return web->error ? 1 : 0;
}

struct web_server *web_start(struct kernel *k, const struct web_conf *conf) {
	struct web_server *web = g_new0(struct web_server, 1);

	web->k = k;
	web->conf = *conf;
	web->listener = -1;
	process_start(k, "httpd", web_main, web);
	return web;
}

void web_counters(const struct web_server *web, struct web_counters *counters) {
	*counters = web->counters;
}

int web_error(const struct web_server *web) { return web->error; }

void web_free(struct web_server *web) {
	if (!web)
		return;
	spares_clear(&web->spare_workers, g_free);
	g_free(web);
}
