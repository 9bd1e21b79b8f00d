/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An open-loop source: users who come whether or not those before them were served, at the dates of a
 * Poisson process, each with one request of a web server or one datagram.
 *
 * Clients of a closed loop (specweb) come slower when the server is slow, and so hide how long it would
 * let others wait (Schroeder, Wierman and Harchol-Balter, Open Versus Closed, NSDI 2006).
 */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "apps/http_get.h"
#include "lab/kinds/parts.h"
#include "lab/world/meters.h"
#include "lab/world/verdict.h"
#include "net/engine/socket.h"
#include "sim/histogram.h"
#include "sim/rng.h"

enum mode { MODE_WEB, MODE_DATAGRAM };

struct conf {
	char **peers, **targets;
	int send;
	double rate;
	uint32_t size; /* of a datagram */
	char *fileset, *path;
	uint16_t port;
	sim_time start, timeout;
	bool enabled;
};

static const char *const modes[] = {"web", "datagram", NULL};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: it is left out"),
	NEED("peers", NAMES, peers, "peer", "peer groups that users come from, in turn"),
	NEED("targets", NAMES, targets, "machine", "interfaces or peers that they ask, in turn"),
	C("send", send, modes, "what a user sends: a request of a file, or a datagram"),
	R("rate", PER_SECOND, rate, 0.001, 1e6, "users, in the mean"),
	R("size", BYTES, size, 8, 8192, "of a datagram; a file's is its fileset's"),
	REF("fileset", TEXT, fileset, "fileset", "web: the fileset group whose file they fetch"),
	K("path", TEXT, path, "web: instead of a fileset a path, its bytes not checked"),
	R("port", COUNT, port, 1, 65535, "of the server"),
	R("start", TIME, start, 0, DAY, "when the process begins"),
	R("timeout", TIME, timeout, 0, DAY, "web: without progress, a failure; 0s: none"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->rate = 100;
	c->size = 64;
	c->port = 80;
	c->start = CLIENT_START;
	c->timeout = 30 * SIM_S;
	c->enabled = true;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	(void)sc;
	return ((const struct conf *)group->conf)->send == MODE_DATAGRAM ||
	       file_check(group, error);
}

/* --- life ------------------------------------------------------------------------------------- */

/* A user with a request under way, or at rest until another comes. */
struct user {
	struct http_get get; /* first: served() finds the user */
	struct live *live;
};

/* Where datagrams of one machine leave, and answers come. */
struct sender {
	struct peer_sock ps; /* first: answered() finds the sender */
	struct live *live;
	struct peer *peer;
};

struct live {
	struct sim *sim;
	const struct conf *conf;
	gsl_rng *rng;
	struct sim_event next;
	sim_time last;                   /* user's date; 0: none since the reset */
	GPtrArray *peers, *users, *idle; /* struct peer, user, user */
	GArray *targets;
	struct sender *senders; /* one of each peer */
	struct http_get_conf ask;
	unsigned n; /* users that came */
	/* Since the reset; what failed, of the whole run. */
	uint64_t sent, done, failed, bytes, wrong;
	double waited, longest; /* seconds */
	struct histogram *waits;
	double gaps,
		squares; /* sums of the times between two users, and of their squares; seconds */
	uint64_t n_gaps;
	sim_time opened;
};

static void count_answer(struct live *live, sim_time asked, uint64_t bytes) {
	double waited = sim_to_s(sim_now(live->sim) - asked);

	live->done++;
	live->bytes += bytes;
	live->waited += waited;
	live->longest = fmax(live->longest, waited);
	histogram_add(live->waits, sim_now(live->sim) - asked);
}

static void served(struct http_get *get) {
	struct user *user = (struct user *)get;
	struct live *live = user->live;

	live->wrong += get->wrong;
	if (get->error || get->status != 200)
		live->failed++;
	else
		count_answer(live, get->started, get->body);
	g_ptr_array_add(live->idle, user);
}

static void ask(struct live *live, struct peer *peer, uint32_t target) {
	struct user *user;

	if (live->idle->len) {
		user = g_ptr_array_steal_index_fast(live->idle, live->idle->len - 1);
	} else {
		user = g_new0(struct user, 1);
		g_ptr_array_add(live->users, user);
	}
	user->live = live;
	live->ask.addr = target;
	http_get_init(&user->get, peer, served);
	http_get_start(&user->get, &live->ask);
}

/* Whoever echoes a datagram sends back when it was sent. */
static void answered(struct peer_sock *ps, unsigned events) {
	struct live *live = ((struct sender *)ps)->live;
	uint8_t bytes[8192];
	struct iovec iov = {bytes, sizeof bytes};
	sim_time asked;
	ssize_t n;

	(void)events;
	do {
		struct net_msg msg = {.iov = &iov, .iovlen = 1};

		n = net_recv(ps->so, &msg);
		if (n < (ssize_t)sizeof asked)
			continue;
		memcpy(&asked, bytes, sizeof asked);
		count_answer(live, asked, (uint64_t)n);
	} while (n >= 0);
}

static void send_datagram(struct live *live, struct sender *from, uint32_t target) {
	uint8_t bytes[8192] = {0};
	struct iovec iov = {bytes, live->conf->size};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .addr = target, .port = live->conf->port};
	sim_time now = sim_now(live->sim);

	memcpy(bytes, &now, sizeof now);
	if (net_send(from->ps.so, &msg) < 0)
		live->failed++;
}

static void plan_next(struct live *live) {
	double gap = gsl_ran_exponential(live->rng, 1 / live->conf->rate);

	/* In whole picoseconds; a gap of a day comes once in as good as never. */
	sim_after(live->sim, &live->next, (sim_time)(fmin(gap, 86400) * (double)SIM_S + 0.5));
}

static void note_gap(struct live *live) {
	double gap = sim_to_s(sim_now(live->sim) - live->last);

	if (live->last > 0) {
		live->gaps += gap;
		live->squares += gap * gap;
		live->n_gaps++;
	}
	live->last = sim_now(live->sim);
}

static void arrive(void *arg) {
	struct live *live = arg;
	unsigned at = live->n % live->peers->len;
	uint32_t target = g_array_index(live->targets, uint32_t, live->n % live->targets->len);

	note_gap(live);
	live->n++;
	live->sent++;
	if (live->conf->send == MODE_WEB)
		ask(live, live->peers->pdata[at], target);
	else
		send_datagram(live, &live->senders[at], target);
	plan_next(live);
}

static void begin(void *live) { plan_next(live); }

/* A peer has descriptors enough: it cannot fail. */
static void open_senders(struct live *live) {
	live->senders = g_new0(struct sender, live->peers->len);
	for (guint i = 0; i < live->peers->len; i++) {
		struct sender *sender = &live->senders[i];

		sender->live = live;
		sender->peer = live->peers->pdata[i];
		sender->ps.event = answered;
		if (peer_open(sender->peer, SOCK_DGRAM, &sender->ps))
			g_error("a peer opens no socket");
	}
}

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;
	g_autofree char *stream = g_strdup_printf("poisson.%s", group->name);
	struct live *live = g_new0(struct live, 1);

	(void)error;
	group->live = live;
	live->sim = world->sim;
	live->conf = c;
	live->rng = sim_rng_new(world->sim, stream);
	live->peers = peers_called(world, c->peers);
	live->targets = targets_called(world, c->targets);
	live->users = g_ptr_array_new_with_free_func(g_free);
	live->waits = histogram_new();
	live->idle = g_ptr_array_new();
	live->ask = (struct http_get_conf){.port = c->port, .timeout = c->timeout};
	if (c->send == MODE_WEB)
		file_called(world->sc, group, &live->ask.path, &live->ask.pattern_key);
	else
		open_senders(live);
	live->ask.verify = live->ask.pattern_key;
	sim_event_init(&live->next, arrive, live);
	sim_call_at(world->sim, c->start, begin, live);
	return true;
}

static void end(struct group *group) {
	struct live *live = group->live;

	sim_cancel(live->sim, &live->next);
	for (guint i = 0; i < live->users->len; i++)
		http_get_abort(&((struct user *)live->users->pdata[i])->get);
	for (guint i = 0; live->senders && i < live->peers->len; i++)
		peer_close(live->senders[i].peer, &live->senders[i].ps, false);
	gsl_rng_free(live->rng);
	histogram_free(live->waits);
	g_ptr_array_unref(live->peers);
	g_ptr_array_unref(live->users);
	g_ptr_array_unref(live->idle);
	g_array_unref(live->targets);
	g_free(live->senders);
	g_free(live);
}

/* --- meters ----------------------------------------------------------------------------------- */

static const struct measured measures[] = {
	{.name = "requests",
         .unit = "1/s",
         .help = "users answered, per second of the window",
         .adds = ADDS_SUM,
         .series = true,
         .head = "answers",
         .interval = true,
         .column = "poisson_rps",
         .axis = "answers of users, 1/s"},
	{.name = "offered",
         .unit = "1/s",
         .help = "users that came, per second of the window",
         .adds = ADDS_SUM,
         .head = "users",
         .column = "poisson_offered_rps"},
	{.name = "sent", .unit = "1", .help = "users that came", .adds = ADDS_SUM},
	{.name = "answered", .unit = "1", .help = "users that were answered", .adds = ADDS_SUM},
	{.name = "response_ms",
         .unit = "ms",
         .help = "mean time from coming to the answer's last byte",
         .adds = ADDS_MEAN,
         .weight = "answered",
         .head = "response",
         .column = "poisson_response_ms",
         .axis = "response to users, ms"},
	MEASURES_PERCENTILES("response", "ms", "of the times from coming to the last byte"),
	{.name = "response_max_ms",
         .unit = "ms",
         .help = "the longest",
         .adds = ADDS_MAX,
         .head = "longest"},
	{.name = "waiting",
         .unit = "1",
         .help = "web: users that wait at the end of the window",
         .adds = ADDS_SUM,
         .head = "waiting"},
	{.name = "failed",
         .unit = "1",
         .help = "requests refused, cut, timed out, not found, datagrams "
                 "that the peer could not send; in the whole run",
         .adds = ADDS_SUM,
         .head = "failed"},
	{.name = "wrong_bytes",
         .unit = "B",
         .help = "of files, in the whole run",
         .adds = ADDS_SUM},
	{.name = "bytes", .unit = "B", .help = "of answers", .adds = ADDS_SUM},
	{.name = "gap_us",
         .unit = "us",
         .help = "mean time between two users: one over the rate",
         .adds = ADDS_NOT},
	{.name = "gap_cv",
         .unit = "1",
         .help = "standard deviation of that over its mean: 1 if Poisson",
         .adds = ADDS_NOT},
};

static void tell_gaps(struct reading *r, const struct live *live) {
	double mean = live->gaps / (double)live->n_gaps;
	double variance = live->squares / (double)live->n_gaps - mean * mean;

	if (live->n_gaps == 0)
		return;
	tell(r, "gap_us", 1e6 * mean);
	tell(r, "gap_cv", sqrt(fmax(variance, 0)) / mean);
}

static void tell_poisson(struct reading *r, const struct group *group) {
	const struct live *live = group->live;
	double window = sim_to_s(sim_now(live->sim) - live->opened);

	tell(r, "offered", window > 0 ? (double)live->sent / window : 0);
	tell(r, "requests", window > 0 ? (double)live->done / window : 0);
	tell(r, "sent", (double)live->sent);
	tell(r, "answered", (double)live->done);
	tell(r, "failed", (double)live->failed);
	tell(r, "bytes", (double)live->bytes);
	if (live->conf->send == MODE_WEB) {
		tell(r, "waiting", live->users->len - live->idle->len);
		tell(r, "wrong_bytes", (double)live->wrong);
	}
	if (live->done) {
		tell(r, "response_ms", 1000 * live->waited / (double)live->done);
		tell(r, "response_max_ms", 1000 * live->longest);
	}
	tell_gaps(r, live);
}

static void reset(struct group *group) {
	struct live *live = group->live;

	live->opened = sim_now(live->sim);
	live->sent = live->done = live->bytes = live->n_gaps = 0;
	live->waited = live->longest = live->gaps = live->squares = 0;
	histogram_reset(live->waits);
	live->last =
		0; /* a gap that began before the window is longer than most: it does not count */
}

static const struct histogram *durations(const struct group *group, const char *name) {
	(void)name; /* response */
	return ((const struct live *)group->live)->waits;
}

static double total(const struct group *group, const char *measure) {
	(void)measure; /* requests */
	return (double)((const struct live *)group->live)->done;
}

static void judge(const struct look *look) {
	if (look_at(look, "failed") > 0)
		look_blame(look, "%.0f users failed", look_at(look, "failed"));
	if (look_at(look, "wrong_bytes") > 0)
		look_blame(look, "%.0f bytes were wrong", look_at(look, "wrong_bytes"));
	if (look_has(look, "waiting") && look_at(look, "sent") > 0 &&
	    look_at(look, "answered") == 0)
		look_blame(look, "nobody was served");
}

/* Sooner or later from every machine to every target that its turn comes to. */
static unsigned talks(const struct group *group) {
	(void)group;
	return G_MAXINT;
}

const struct kind kind_poisson = {
	.name = "poisson",
	.help = "users who come at random, and wait for nobody",
	.title = "Users at random",
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.check = check,
	.stage = STAGE_CLIENT,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.reset = reset,
	.tell = tell_poisson,
	.total = total,
	.durations = durations,
	.judge = judge,
	.talks = talks,
};
