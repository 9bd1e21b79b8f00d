/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When does a newcomer ask for the next file, and what has it got so far? */
#include "apps/fetch.h"

#include <glib.h>

#include "apps/http_get.h"
#include "sim/histogram.h"

struct fetch {
	struct http_get get; /* first: done() finds the fetch */
	struct fetch_conf conf;
	struct fetch_result result;
	struct histogram *totals; /* its times are sums */
	unsigned ended;
	char *path;
	struct sim_event start;
	void (*done)(void *arg);
	void *done_arg;
};

static void start_one(void *arg) {
	struct fetch *f = arg;
	struct http_get_conf conf = {
		.addr = f->conf.addr,
		.port = f->conf.port,
		.path = f->path,
		.pattern_key = f->conf.pattern_key,
		.verify = f->conf.pattern_key != 0,
		.line_speed = f->conf.line_speed,
	};
	http_get_start(&f->get, &conf);
}

static void one_done(struct http_get *get) {
	struct fetch *f = (struct fetch *)get;
	struct fetch_result *r = &f->result;

	r->status = get->status;
	r->bytes += get->body;
	r->wrong += get->wrong;
	if (get->error || get->status != 200) {
		r->failed++;
		r->error = get->error;
	} else {
		r->done++;
	}
	if (!get->error) {
		r->answered++;
		r->connect_time += get->connected - get->started;
		r->first_byte_time += get->first_byte - get->started;
		r->total_time += get->finished - get->started;
		histogram_add(f->totals, get->finished - get->started);
	}
	if (++f->ended < f->conf.times)
		sim_after(peer_sim(get->peer), &f->start, 0);
	else if (f->done)
		f->done(f->done_arg);
}

struct fetch *fetch_start(struct peer *peer, const struct fetch_conf *conf, void (*done)(void *arg),
                          void *arg) {
	struct fetch *f = g_new0(struct fetch, 1);

	f->conf = *conf;
	f->path = g_strdup(conf->path);
	f->totals = histogram_new();
	f->done = done;
	f->done_arg = arg;
	http_get_init(&f->get, peer, one_done);
	sim_event_init(&f->start, start_one, f);
	sim_after(peer_sim(peer), &f->start, 0);
	return f;
}

void fetch_reset(struct fetch *f) {
	histogram_reset(f->totals);
	f->result = (struct fetch_result){
		.failed = f->result.failed,
		.error = f->result.error,
		.status = f->result.status,
		.wrong = f->result.wrong,
	};
}

const struct histogram *fetch_totals(const struct fetch *f) { return f->totals; }

void fetch_result(const struct fetch *f, struct fetch_result *result) {
	*result = f->result;
	result->finished = f->ended >= f->conf.times;
	if (result->answered) {
		result->connect_time /= result->answered;
		result->first_byte_time /= result->answered;
		result->total_time /= result->answered;
	}
}

void fetch_free(struct fetch *f) {
	sim_cancel(peer_sim(f->get.peer), &f->start);
	http_get_abort(&f->get);
	g_free(f->path);
	histogram_free(f->totals);
	g_free(f);
}
