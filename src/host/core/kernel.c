/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which order does a machine's kernel come and go? */
#include "host/core/kernel.h"

#include <errno.h>
#include <glib.h>

#include "host/core/parts.h"
#include "host/core/processor.h"
#include "host/core/task_internal.h"

static const struct cost_desc host_cost_descs[HOST_COST_COUNT] = {
#define X(id, key, layer_name, text) [COST_##id] = {#key, layer_name, text},
	HOST_COSTS(X)
#undef X
};

void kernel_conf_default(struct kernel_conf *conf) {
	*conf = (struct kernel_conf){
		.name = "host",
		.l2_ways = 8,
		.l2_line = 32,
		.time_slice = 60 * SIM_MS,
		.tick = 10 * SIM_MS,
		.max_tasks = 4096,
		.max_files = 1024,
	};
	net_params_preset(&conf->net, "linux-2.4");
}

/* From here on charges are ignored: what a task's clean-up calls while it is unwound has no time. */
static void power_off(void *arg) {
	struct kernel *k = arg;

	if (sim_heard(k->track)) {
		cpu_sync(k);
		tasks_told(k);
	}
	k->cpu->halted = true;
}

struct kernel *kernel_alloc(struct sim *sim, const struct kernel_conf *conf) {
	struct kernel *k = g_new0(struct kernel, 1);

	k->sim = sim;
	k->conf = *conf;
	k->name = g_strdup(conf->name ? conf->name : "host");
	k->conf.name = k->name;
	k->machine = sim_machine_new(sim, k->name);
	k->track = sim_track(sim, NULL, k->name, 0);
	cost_table_init(&k->costs, host_cost_descs, G_N_ELEMENTS(host_cost_descs));
	k->end = (struct sim_end){.fn = power_off, .arg = k};
	sim_on_end(sim, &k->end);
	return k;
}

void kernel_release(struct kernel *k) {
	cost_table_clear(&k->costs);
	g_free(k->name);
	g_free(k);
}

void kernel_halt(struct kernel *k) { tasks_halt(k); }

int kernel_set_cost(struct kernel *k, const char *name, struct cost_value value) {
	int id = cost_find(&k->costs, name);

	if (id < 0)
		return -ENOENT;
	k->costs.value[id] = value;
	return 0;
}
