/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which file does the n-th request ask for, and when?  The file set, its popularity, and the
 * closed loop of clients.
 */
#include "apps/specweb.h"

#include <glib.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "apps/http_get.h"
#include "apps/line.h"
#include "host/file/file.h"
#include "sim/histogram.h"
#include "sim/rng.h"

/* One block of the request sequence holds every class exactly in its share: the 1 % of class 3
 * carries a third of the bytes, so a window's throughput would otherwise follow the luck of a few
 * draws.  SPECweb99's long-run shares are unchanged. */
#define BLOCK 100U

/* A pause before the next try after an error, so that a dead server is not asked in a busy loop. */
#define RETRY_DELAY (100 * SIM_MS)

struct client {
	struct http_get get; /* first: done() finds the client */
	struct specweb *sw;
	struct sim_event start;
	uint32_t target;
};

struct specweb {
	struct sim *sim;
	struct specweb_conf conf;
	struct client *clients;
	gsl_rng *files_rng;
	gsl_ran_discrete_t *dir_dist;
	double file_cdf[SPECWEB_FILES];
	double phase[SPECWEB_CLASSES]; /* systematic sampling of files, per class */
	unsigned char block[BLOCK];
	unsigned block_at;
	struct specweb_result result;
	sim_time window_start;
	double response_sum, connect_sum;
	struct histogram *responses;
	uint64_t issued, issued_digest;
	GArray *batches; /* of uint32_t, one a second */
};

void specweb_conf_default(struct specweb_conf *conf) {
	*conf = (struct specweb_conf){
		.connections = 214,
		.mix = {0.35, 0.50, 0.14, 0.01},
		.line_speed = 400000,
		.ramp = 300 * SIM_MS,
		.timeout = 60 * SIM_S,
		.port = 80,
		.verify = true,
	};
}

unsigned specweb_directories(unsigned connections) {
	return (unsigned)(25 + (400000.0 / 122000.0 * connections) / 5);
}

uint32_t specweb_file_size(unsigned class, unsigned file) {
	static const uint32_t tenth[SPECWEB_CLASSES] = {1024, 10240, 102400, 1024000};

	return file * tenth[class] / 10;
}

double specweb_offered(unsigned connections, uint64_t line_speed) {
	return connections * (double)line_speed / 122000.0;
}

static uint64_t file_key(unsigned dir, unsigned class, unsigned file) {
	return ((uint64_t)dir * SPECWEB_CLASSES + class) * 16 + file + 1;
}

static void file_path(char *buf, size_t size, unsigned dir, unsigned class, unsigned file) {
	struct line line = line_in(buf, size - 1);

	line_text(&line, "/file_set/dir");
	line_number(&line, dir, 5);
	line_text(&line, "/class");
	line_number(&line, class, 1);
	line_text(&line, "_");
	line_number(&line, file, 1);
	*line.at = '\0';
}

void specweb_fileset(struct kernel *k, unsigned directories) {
	for (unsigned dir = 0; dir < directories; dir++)
		for (unsigned class = 0; class < SPECWEB_CLASSES; class ++)
			for (unsigned file = 1; file <= SPECWEB_FILES; file++) {
				char path[64];
				file_path(path, sizeof path, dir, class, file);
				fs_create_pattern(k, path, specweb_file_size(class, file),
				                  file_key(dir, class, file));
			}
}

/* --- which file the n-th request asks for -------------------------------------------------- */

/* Popularity of files 1..9 of a class: Zipf over the ranks 5 4 6 3 7 2 8 9 1
 * (docs/workload.md). */
static void init_file_cdf(struct specweb *sw) {
	static const unsigned char by_rank[SPECWEB_FILES] = {5, 4, 6, 3, 7, 2, 8, 9, 1};
	double share[SPECWEB_FILES], sum = 0;

	for (unsigned r = 0; r < SPECWEB_FILES; r++)
		sum += 1.0 / (r + 1);
	for (unsigned r = 0; r < SPECWEB_FILES; r++)
		share[by_rank[r] - 1] = 1.0 / (r + 1) / sum;
	for (unsigned f = 0; f < SPECWEB_FILES; f++)
		sw->file_cdf[f] = share[f] + (f ? sw->file_cdf[f - 1] : 0);
}

static void init_dirs(struct specweb *sw) {
	g_autofree double *zipf = g_new(double, sw->conf.directories);

	for (unsigned d = 0; d < sw->conf.directories; d++)
		zipf[d] = 1.0 / (d + 1);
	sw->dir_dist = gsl_ran_discrete_preproc(sw->conf.directories, zipf);
}

static void refill_block(struct specweb *sw) {
	unsigned n = 0;
	double upto = 0;

	for (unsigned class = 0; class < SPECWEB_CLASSES; class ++) {
		upto += sw->conf.mix[class] * BLOCK;
		while (n < BLOCK && (n + 0.5 < upto || class == SPECWEB_CLASSES - 1))
			sw->block[n++] = (unsigned char)class;
	}
	gsl_ran_shuffle(sw->files_rng, sw->block, BLOCK, 1);
	sw->block_at = 0;
}

/* Files of a class come by a golden-ratio sequence through the popularity's inverse: each in its
 * share after few draws, in no period. */
static unsigned next_file(struct specweb *sw, unsigned class) {
	static const double golden = 0.6180339887498949;
	unsigned file = 1;

	sw->phase[class] = fmod(sw->phase[class] + golden, 1.0);
	while (file < SPECWEB_FILES && sw->phase[class] >= sw->file_cdf[file - 1])
		file++;
	return file;
}

static void next_request(struct client *client) {
	struct specweb *sw = client->sw;
	char path[64];

	if (sw->block_at == BLOCK)
		refill_block(sw);
	unsigned class = sw->block[sw->block_at++];
	unsigned file = next_file(sw, class);
	unsigned dir = (unsigned)gsl_ran_discrete(sw->files_rng, sw->dir_dist);
	uint64_t key = file_key(dir, class, file);
	if (sw->issued++ < SPECWEB_DIGEST)
		sw->issued_digest = (sw->issued_digest ^ key) * 0x100000001b3U;
	file_path(path, sizeof path, dir, class, file);
	struct http_get_conf conf = {
		.addr = client->target,
		.port = sw->conf.port,
		.path = path,
		.pattern_key = key,
		.verify = sw->conf.verify,
		.line_speed = sw->conf.line_speed,
		.timeout = sw->conf.timeout,
	};
	http_get_start(&client->get, &conf);
}

/* --- the closed loop ---------------------------------------------------------------------- */

static void count_batch(struct specweb *sw) {
	guint second = (guint)((sim_now(sw->sim) - sw->window_start) / SIM_S);

	if (sw->batches->len <= second)
		g_array_set_size(sw->batches, second + 1);
	g_array_index(sw->batches, uint32_t, second)++;
}

static void request_done(struct http_get *get) {
	struct client *client = (struct client *)get;
	struct specweb *sw = client->sw;

	if (get->error || get->status != 200 || get->wrong) {
		sw->result.errors++;
		sim_after(sw->sim, &client->start, RETRY_DELAY);
		return;
	}
	sw->result.requests++;
	sw->result.bytes += get->body;
	sw->response_sum += sim_to_s(get->finished - get->started);
	histogram_add(sw->responses, get->finished - get->started);
	sw->connect_sum += sim_to_s(get->connected - get->started);
	count_batch(sw);
	next_request(client);
}

static void client_start(void *arg) { next_request(arg); }

struct specweb *specweb_start(struct sim *sim, struct peer *const *peers, unsigned n_peers,
                              const uint32_t *targets, unsigned n_targets,
                              const struct specweb_conf *conf) {
	struct specweb *sw = g_new0(struct specweb, 1);

	sw->sim = sim;
	sw->conf = *conf;
	if (sw->conf.directories == 0)
		sw->conf.directories = specweb_directories(conf->connections);
	sw->files_rng = sim_rng_new(sim, "specweb.files");
	sw->responses = histogram_new();
	sw->batches = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	sw->block_at = BLOCK;
	sw->issued_digest = 0xcbf29ce484222325U;
	init_file_cdf(sw);
	init_dirs(sw);
	for (unsigned class = 0; class < SPECWEB_CLASSES; class ++)
		sw->phase[class] = gsl_rng_uniform(sw->files_rng);
	sw->clients = g_new0(struct client, conf->connections);
	gsl_rng *start = sim_rng_new(sim, "specweb.start");
	for (unsigned i = 0; i < conf->connections; i++) {
		struct client *client = &sw->clients[i];
		client->sw = sw;
		client->target = targets[i % n_targets];
		http_get_init(&client->get, peers[i % n_peers], request_done);
		sim_event_init(&client->start, client_start, client);
		sim_after(sim, &client->start,
		          (sim_time)(gsl_rng_uniform(start) * (double)conf->ramp));
	}
	gsl_rng_free(start);
	return sw;
}

void specweb_free(struct specweb *sw) {
	for (unsigned i = 0; i < sw->conf.connections; i++)
		sim_cancel(sw->sim, &sw->clients[i].start);
	for (unsigned i = 0; i < sw->conf.connections; i++)
		http_get_abort(&sw->clients[i].get);
	gsl_ran_discrete_free(sw->dir_dist);
	gsl_rng_free(sw->files_rng);
	histogram_free(sw->responses);
	g_array_free(sw->batches, TRUE);
	g_free(sw->clients);
	g_free(sw);
}

void specweb_reset(struct specweb *sw) {
	sw->result = (struct specweb_result){0};
	sw->response_sum = sw->connect_sum = 0;
	histogram_reset(sw->responses);
	sw->window_start = sim_now(sw->sim);
	g_array_set_size(sw->batches, 0);
}

const struct histogram *specweb_responses(const struct specweb *sw) { return sw->responses; }

void specweb_result(const struct specweb *sw, struct specweb_result *result) {
	*result = sw->result;
	result->window = sim_now(sw->sim) - sw->window_start;
	result->digest = sw->issued_digest;
	if (result->requests) {
		result->response_s = sw->response_sum / (double)result->requests;
		result->connect_s = sw->connect_sum / (double)result->requests;
	}
}

/* Bytes of the file of a mean request: as many of each class as a block has. */
static double mean_size(const struct specweb *sw) {
	double sum = 0;

	for (unsigned i = 0; i < BLOCK; i++) {
		double before = 0;

		for (unsigned f = 0; f < SPECWEB_FILES; f++) {
			sum += (sw->file_cdf[f] - before) * specweb_file_size(sw->block[i], f + 1);
			before = sw->file_cdf[f];
		}
	}
	return sum / BLOCK;
}

double specweb_imbalance(const struct specweb *sw) {
	uint64_t bytes = sw->result.bytes;

	if (sw->result.errors)
		return NAN;
	for (unsigned i = 0; i < sw->conf.connections; i++)
		bytes += sw->clients[i].get.body;
	return (double)sw->result.requests - (double)bytes / mean_size(sw);
}

const uint32_t *specweb_batches(const struct specweb *sw, unsigned *n) {
	*n = sw->batches->len;
	return (const uint32_t *)(void *)sw->batches->data;
}
