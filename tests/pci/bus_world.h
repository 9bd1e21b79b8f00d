/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the bus share: a world, transfers and accesses that note what came of them. */
#ifndef TESTS_PCI_BUS_WORLD_H
#define TESTS_PCI_BUS_WORLD_H

#include "pci/bus.h"

/*
 * Nothing is asserted while the world runs: a failed check ends the process, and SimGrid does not
 * like to be left in the middle.  What happened is noted, and judged afterwards.
 */

static struct sim *sim;

static inline void world_up(void) { sim = sim_new(1); }
static inline void world_down(void) { sim_free(sim); }

/* A transfer that notes when it was done, and when its data lay in host memory. */
struct job {
	struct pci_dma dma;
	struct pci_dev *dev;
	sim_time issue, done, seen;
	unsigned repeat; /* further times that it starts itself again */
};

static inline void job_start(void *arg) {
	struct job *job = arg;
	pci_dma_start(job->dev, &job->dma);
}

static inline void job_done(void *arg) {
	struct job *job = arg;

	job->done = sim_now(sim);
	if (job->repeat) {
		job->repeat--;
		pci_dma_start(job->dev, &job->dma);
	}
}

static inline void job_seen(void *arg) { ((struct job *)arg)->seen = sim_now(sim); }

static inline void job_at(struct job *job, struct pci_dev *dev, sim_time issue, uint32_t bytes,
                          bool to_host) {
	*job = (struct job){.dev = dev, .issue = issue, .done = -1, .seen = -1};
	job->dma = (struct pci_dma){.to_host = to_host,
	                            .bytes = bytes,
	                            .done = job_done,
	                            .seen = to_host ? job_seen : NULL,
	                            .arg = job};
	sim_call_at(sim, issue, job_start, job);
}

/* A posted write or a read that notes what came of it. */
struct access {
	struct pci_dev *dev;
	sim_time issue, arrived, stall;
};

static inline void access_arrive(void *arg) { ((struct access *)arg)->arrived = sim_now(sim); }

static inline void access_post(void *arg) {
	struct access *a = arg;
	a->stall = pci_post_write(a->dev, access_arrive, a);
}

static inline void access_read(void *arg) {
	struct access *a = arg;
	a->stall = pci_read_stall(a->dev);
}

static inline void access_at(struct access *a, struct pci_dev *dev, sim_time issue, bool read) {
	*a = (struct access){.dev = dev, .issue = issue, .arrived = -1};
	sim_call_at(sim, issue, read ? access_read : access_post, a);
}

/* 64 bits at 62.5 MHz: a clock is 16 ns, and every figure below can be worked out by head. */
#define CLOCK (16 * SIM_NS)

static inline void round_conf(struct pci_conf *conf) {
	*conf = (struct pci_conf){
		.width_bits = 64,
		.clock_hz = 62500000,
		.latency = 100 * SIM_NS,
		.bandwidth_scale = 1,
		.burst_bytes = 256,
		.arbitration_clocks = 2,
		.setup_clocks = 8,
		.host_read_latency = 500 * SIM_NS,
		.dma_setup = 600 * SIM_NS,
		.max_outstanding = 4,
		.posted_depth = 4,
	};
}

/* Clocks of `bytes` in bursts of 256, without arbitration. */
static inline sim_time burst_clocks(uint32_t bytes) {
	sim_time clocks = 0;

	for (; bytes > 256; bytes -= 256)
		clocks += 8 + 32;
	return clocks + 8 + (bytes + 7) / 8;
}

#define ARBITRATION (2 * CLOCK)
#define REGISTER (9 * CLOCK)

#endif
