/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has happened when the bus has carried something: an access to a register, a part of a transfer? */
#include "pci/bus_internal.h"

void bus_access(struct pci_bus *bus, struct pci_dev *dev, sim_time start) {
	sim_time end = start + bus_turnaround(bus, BRIDGE) + bus->register_access;

	bus->free_at = end;
	bus->last = BRIDGE;
	dev->usage.busy += end - start;
}

/* Of those that cross the bridge the first that has not been done early. */
static void await_arrival(struct pci_bus *bus) {
	while (bus->posts.head != bus->sent) {
		const struct crossing *post = ring_at(&bus->posts, bus->posts.head);

		if (post->fn) {
			sim_at(bus->sim, &bus->arrive, post->when);
			return;
		}
		bus->posts.head++;
	}
}

void post_transact(struct pci_bus *bus, sim_time start) {
	struct crossing *post = ring_at(&bus->posts, bus->sent++);

	bus_access(bus, post->dev, start);
	sim_span(bus->bridge, "pci", "post", start, bus->free_at, post->flow);
	bus->asks[BRIDGE] =
		bus->sent == bus->posts.tail ? SIM_NEVER : ring_at(&bus->posts, bus->sent)->when;
	bus->post_end = bus->free_at;
	post->when = bus->free_at + bus->conf.latency;
	if (post->early && post->dev->present && post->early(post->arg, post->when))
		post->fn = NULL;
	if (!sim_pending(&bus->arrive))
		await_arrival(bus);
}

static void post_arrive(void *arg) {
	struct pci_bus *bus = arg;
	struct crossing post = *ring_at(&bus->posts, bus->posts.head++);

	await_arrival(bus);
	if (post.dev->present)
		post.fn(post.arg);
}

/* Those in flight overlap, each from its set-up on; they end in the order in which they began. */
static SIM_TELLS void tell_dma(const struct pci_dev *dev, struct dma_queue *queue,
                               const struct pci_dma *dma) {
	unsigned most = dev->bus->conf.max_outstanding;
	unsigned slot = dma->nr % most;
	const struct sim_track **track;

	if (!queue->tracks)
		queue->tracks = g_new0(const struct sim_track *, most);
	track = &queue->tracks[slot];
	if (!*track) {
		g_autofree char *name =
			g_strdup_printf("DMA %s %u", dma->to_host ? "write" : "read", slot + 1);

		*track = sim_track(dev->bus->sim, dev->track, name,
		                   (dma->to_host ? most : 0) + slot);
	}
	sim_tell_span(*track, NULL, dma->what ? dma->what : "dma", dma->begun,
	              sim_now(dev->bus->sim), dma->flow);
}

void dma_admit(struct pci_dev *dev, struct dma_queue *queue, struct pci_dma *dma) {
	dma->begun = MAX(dma->begun, sim_now(dev->bus->sim));
	dma->nr = queue->admitted++;
	dma->ready = dma->begun + dev->bus->lead[dma->to_host ? DMA_WRITE : DMA_READ];
	queue->in_flight++;
}

void dma_progress(struct pci_dev *dev, enum dma_way way, uint32_t bytes) {
	struct dma_queue *queue = &dev->dma[way];
	struct pci_dma *dma = queue->head;

	dma->left -= bytes;
	if (dma->left > 0)
		return;
	queue->head = dma->next;
	if (!queue->head)
		queue->tail = &queue->head;
	queue->in_flight--;
	if (sim_heard(dev->track))
		tell_dma(dev, queue, dma);
	if (queue->waiting) {
		dma_admit(dev, queue, queue->waiting);
		queue->waiting = queue->waiting->next;
	}
	dev->ready[way] = queue->head ? queue->head->ready : SIM_NEVER;
	dev->bus->asks[dev->master] = MIN(dev->ready[DMA_READ], dev->ready[DMA_WRITE]);
	dev->usage.dmas++;
	dev->usage.dma_bytes += dma->bytes;
	dma->lands = sim_now(dev->bus->sim) + dev->bus->conf.latency;
	if (dma->seen)
		send_up(dev, dma->seen, dma->arg, false);
	dma->done(dma->arg);
}

void bus_carry_init(struct pci_bus *bus) {
	sim_event_init(&bus->arrive, post_arrive, bus);
	ring_init(&bus->posts);
}
