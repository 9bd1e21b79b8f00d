/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does the NIC do by itself?  Fetches what its ring names, sends it, stores what comes, and
 * asks for an interrupt.
 */
#include "host/dev/nic.h"

#include <glib.h>
#include <string.h>

#include "host/dev/nic_hw.h"
#include "net/engine/iface.h"

static struct nic_slot *tx_slot(struct nic *nic, uint32_t pos) {
	return &nic->tx[pos & (nic->tx_size - 1)];
}

static struct nic_slot *rx_slot(struct nic *nic, uint32_t pos) {
	return &nic->rx[pos & (nic->rx_size - 1)];
}

/* Whether position `a` lies behind `b`, across the wrap. */
static bool ahead(uint32_t a, uint32_t b) { return (int32_t)(a - b) > 0; }

/* --- interrupts ------------------------------------------------------------------------------ */

static __attribute__((noinline)) void irq_change(struct nic *nic, bool want) {
	struct sim *sim = nic->k->sim;

	if (want && nic->count.irqs) {
		sim_time earliest = nic->last_irq + nic->conf.irq_throttle;

		if (earliest > sim_now(sim)) {
			sim_at(sim, &nic->throttle, earliest);
			return;
		}
	}
	if (want) {
		sim_mark(pci_dev_track(nic->pdev), "interrupt",
		         nic->cause & NIC_CAUSE_RX ? nic->stored : 0);
		nic->count.irqs++;
		nic->last_irq = sim_now(sim);
	}
	nic->asserted = want;
	pci_irq_set(nic->pdev, want);
}

static inline void irq_update(struct nic *nic) {
	bool want = nic->cause && nic->enabled;

	if (want == nic->asserted)
		return;
	if (!sim_pending(&nic->throttle) || nic->throttle.when <= sim_now(nic->k->sim))
		irq_change(nic, want);
}

static void throttle_over(void *arg) { irq_update(arg); }

static void irq_raise(struct nic *nic, enum nic_cause cause) {
	nic->cause |= cause;
	irq_update(nic);
}

unsigned nic_reg_cause(struct nic *nic) {
	unsigned cause = nic->cause;

	nic->cause = 0;
	irq_update(nic);
	return cause;
}

void nic_reg_mask(void *arg) {
	struct nic *nic = arg;

	nic->enabled = false;
	irq_update(nic);
}

/* The positions are read when the write arrives: if the driver has moved on since it wrote, it has
 * taken what it moved over. */
void nic_reg_enable(void *arg) {
	struct nic *nic = arg;

	nic->enabled = true;
	nic->cause = 0;
	if (nic->rx_stored != nic->rx_taken)
		nic->cause |= NIC_CAUSE_RX;
	if (ahead(nic->tx_irq_done, nic->tx_clean))
		nic->cause |= NIC_CAUSE_TX;
	irq_update(nic);
}

/* --- transmit -------------------------------------------------------------------------------- */

static void write_back_start(struct nic *nic) {
	struct nic_slot *last = tx_slot(nic, nic->wb_next - 1);

	nic->wb_busy = true;
	last->told = nic->wb_next;
	nic->write_back.arg = last;
	pci_dma_start(nic->pdev, &nic->write_back);
}

/* The report has left the card: an interrupt sent now arrives behind it. */
static void write_back_done(void *arg) {
	const struct nic_slot *last = arg;
	struct nic *nic = last->nic;

	nic->wb_busy = false;
	if (ahead(nic->wb_irq, nic->tx_irq_done) && !ahead(nic->wb_irq, last->told)) {
		nic->tx_irq_done = nic->wb_irq;
		irq_raise(nic, NIC_CAUSE_TX);
	}
	if (nic->wb_next != last->told)
		write_back_start(nic);
}

/* The report lies in host memory. */
static void write_back_seen(void *arg) {
	const struct nic_slot *last = arg;

	last->nic->tx_done = last->told;
}

static void write_back(struct nic *nic, bool irq) {
	nic->wb_next = nic->tx_sent;
	if (irq)
		nic->wb_irq = nic->tx_sent;
	if (!nic->wb_busy)
		write_back_start(nic);
}

static void late_report(void *arg) {
	struct nic *nic = arg;

	if (ahead(nic->late, nic->wb_irq))
		write_back(nic, true);
}

static void report_late(struct nic *nic) {
	nic->late = nic->tx_sent;
	sim_after(nic->k->sim, &nic->late_timer, NIC_TX_DELAY * SIM_NS);
}

/* Frames leave in the order of the ring, whatever the order in which the bus brought them. */
static void send_fetched(struct nic *nic) {
	while (nic->tx_sent != nic->tx_fetch) {
		struct nic_slot *slot = tx_slot(nic, nic->tx_sent);

		if (!slot->arrived)
			return;
		nic->tx_sent++;
		nic->tx_fifo -= slot->frame->len;
		nic->count.tx_frames++;
		port_send(nic->port, g_steal_pointer(&slot->frame));
		slot->arrived = false;
		if (slot->late && !slot->irq)
			report_late(nic);
		if (slot->report)
			write_back(nic, slot->irq);
	}
}

/* Whether it will hold as much, if nothing goes through it until then but what the wire takes. */
static bool fifo_holds(const struct nic *nic, uint32_t bytes, sim_time when) {
	return nic->tx_fifo >= bytes || port_holds(nic->port, bytes - nic->tx_fifo, when);
}

static void look_when_drained(struct nic *nic, sim_time from) {
	uint32_t used = nic->tx_fifo + port_backlog(nic->port, from);

	sim_at(nic->k->sim, &nic->fifo_check,
	       from + sim_serialise(used - NIC_TX_FIFO_LOW, nic->conf.bits_per_s));
}

static void fetch_more(struct nic *nic, sim_time when) {
	while (nic->tx_fetch != nic->tx_seen) {
		struct nic_slot *slot = tx_slot(nic, nic->tx_fetch);

		if (fifo_holds(nic, NIC_TX_FIFO, when)) {
			if (!sim_pending(&nic->fifo_check))
				look_when_drained(nic, when);
			return;
		}
		nic->tx_fetch++;
		nic->tx_fifo += slot->frame->len;
		slot->dma.bytes = NIC_DESCRIPTOR + slot->frame->len;
		slot->dma.flow = slot->frame->flow;
		pci_dma_start_at(nic->pdev, &slot->dma, when);
	}
}

static void tx_arrived(void *arg) {
	struct nic_slot *slot = arg;
	struct nic *nic = slot->nic;

	slot->arrived = true;
	/* A report may let a doorbell onto the bus, which must not go before what is fetched here. */
	nic->sending = true;
	send_fetched(nic);
	nic->sending = false;
	fetch_more(nic, sim_now(nic->k->sim));
}

static void fifo_drained(void *arg) {
	struct nic *nic = arg;

	fetch_more(nic, sim_now(nic->k->sim));
}

void nic_reg_tx_doorbell(void *arg) {
	struct nic *nic = arg;

	nic->tx_seen++;
	fetch_more(nic, sim_now(nic->k->sim));
}

/* Whether it is known already what the card will do when a doorbell that is on its way arrives, the only one. */
static bool doorbell_certain(const struct nic *nic, sim_time when) {
	uint32_t coming = nic->tx_fetch - nic->tx_sent;
	bool watched = sim_pending(&nic->fifo_check);

	if (!coming && !(watched && nic->fifo_check.when <= when))
		return true; /* nothing happens in the card until then */
	if (coming > NIC_TX_SURE)
		return false;
	/* What is coming will be longer on the wire than it is. */
	if (nic->tx_fetch == nic->tx_seen)
		return !fifo_holds(nic, NIC_TX_FIFO - coming * (FRAME_MIN + FRAME_WIRE_OVERHEAD),
		                   sim_now(nic->k->sim));
	return nic->keeps && watched && nic->fifo_check.when > when &&
	       fifo_holds(nic, NIC_TX_FIFO + FRAME_WIRE_OVERHEAD, when);
}

bool nic_early_tx_doorbell(void *arg, sim_time when) {
	struct nic *nic = arg;

	if (nic->tx_rung++ != nic->tx_seen || nic->sending || !doorbell_certain(nic, when))
		return false;
	nic->tx_seen++;
	fetch_more(nic, when);
	return true;
}

/* --- receive --------------------------------------------------------------------------------- */

static void rx_tell(struct nic *nic) {
	nic->untold = 0;
	if (sim_pending(&nic->rx_wait))
		sim_cancel(nic->k->sim, &nic->rx_wait);
	irq_raise(nic, NIC_CAUSE_RX);
}

/* It has waited for more frames long enough; the driver may have found these by itself. */
static void rx_waited(void *arg) {
	struct nic *nic = arg;

	if (nic->rx_stored != nic->rx_taken)
		rx_tell(nic);
	nic->untold = 0;
}

/* Frames go up in order.  One has left the card: an interrupt sent now arrives behind it. */
static void rx_stored(void *arg) {
	const struct nic_slot *slot = arg;
	struct nic *nic = slot->nic;

	nic->rx_fifo -= slot->frame->len;
	nic->rx_stored++;
	nic->stored = slot->frame->flow;
	if (++nic->untold >= nic->conf.rx_irq_frames)
		rx_tell(nic);
	else if (!sim_pending(&nic->rx_wait))
		sim_after(nic->k->sim, &nic->rx_wait, nic->conf.rx_irq_delay);
}

/* Frames go up as long as there are buffers; the others wait in the FIFO. */
static void store_waiting(struct nic *nic) {
	while (nic->rx_free && nic->rx_waiting.count) {
		struct nic_slot *slot = rx_slot(nic, nic->rx_head++);

		nic->count.rx_frames++;
		nic->rx_free--;
		slot->frame = frame_queue_pop(&nic->rx_waiting);
		slot->dma.bytes = slot->frame->len + NIC_DESCRIPTOR;
		slot->dma.flow = slot->frame->flow;
		nic_rx_changed(nic);
		pci_dma_start(nic->pdev, &slot->dma);
	}
}

/* Frames for the host: only a full FIFO drops them. */
static void port_receive(void *arg, struct frame *frame) {
	struct nic *nic = arg;

	if (!mac_filter_takes(&nic->filter, frame)) {
		net_if_left(nic->netdev.ifp, frame);
		frame_free(frame);
		return;
	}
	if (!net_if_takes(nic->netdev.ifp, frame)) {
		frame_free(frame);
		return;
	}
	if (nic->rx_fifo + frame->len > NIC_RX_FIFO) {
		nic->count.rx_dropped++;
		frame_free(frame);
		return;
	}
	nic->rx_fifo += frame->len;
	frame_queue_push(&nic->rx_waiting, frame);
	store_waiting(nic);
}

void nic_reg_filter(void *arg) {
	struct nic *nic = arg;

	nic->filter = nic->wanted;
}

void nic_reg_rx_tail(void *arg) {
	struct nic *nic = arg;

	nic->rx_free += nic_rx_batch(nic);
	store_waiting(nic);
}

/* --- life ------------------------------------------------------------------------------------ */

void nic_conf_default(struct nic_conf *conf) {
	*conf = (struct nic_conf){
		.name = "eth0",
		.mac = {0x02, 0, 0, 0, 0, 1},
		.irq = 11,
		.tx_ring = 256,
		.rx_ring = 256,
		.napi = true,
		.tx_irq_every = 32,
		.rx_irq_frames = 1,
		.budget = 64,
		.bits_per_s = 1000000000,
		.mtu = FRAME_MTU,
	};
}

static struct nic_slot *ring_new(struct nic *nic, uint32_t size, const struct pci_dma *dma) {
	struct nic_slot *ring = g_new0(struct nic_slot, size);

	for (uint32_t i = 0; i < size; i++) {
		ring[i].nic = nic;
		ring[i].dma = *dma;
		ring[i].dma.arg = &ring[i];
	}
	return ring;
}

static void ring_free(struct nic_slot *ring, uint32_t size) {
	for (uint32_t i = 0; i < size; i++) {
		if (ring[i].frame)
			frame_free(ring[i].frame);
		if (ring[i].owner)
			ring[i].owner->released(ring[i].owner, ring[i].truesize);
	}
	g_free(ring);
}

static uint32_t ring_size(unsigned wanted) {
	uint32_t size = 4;

	while (size < wanted)
		size *= 2;
	return size;
}

static void card_reset(struct nic *nic) {
	static const struct pci_dma fetch = {.done = tx_arrived, .what = "read frame"};
	static const struct pci_dma store = {
		.to_host = true, .done = rx_stored, .what = "write frame"};

	nic->tx_size = ring_size(nic->conf.tx_ring);
	nic->rx_size = ring_size(nic->conf.rx_ring);
	nic->tx = ring_new(nic, nic->tx_size, &fetch);
	nic->rx = ring_new(nic, nic->rx_size, &store);
	nic->tx_report = MAX(1U, nic->tx_size / 8) - 1;
	nic->rx_free = nic->rx_size;
	nic->write_back = (struct pci_dma){.to_host = true,
	                                   .bytes = NIC_WRITE_BACK,
	                                   .what = "write report",
	                                   .done = write_back_done,
	                                   .seen = write_back_seen};
	nic->enabled = true;
	mac_filter_init(&nic->filter, nic->conf.mac);
	sim_event_init(&nic->fifo_check, fifo_drained, nic);
	sim_event_init(&nic->throttle, throttle_over, nic);
	sim_event_init(&nic->late_timer, late_report, nic);
	sim_event_init(&nic->rx_wait, rx_waited, nic);
}

void nic_hw_free(struct nic *nic) {
	ring_free(nic->tx, nic->tx_size);
	ring_free(nic->rx, nic->rx_size);
	frame_queue_flush(&nic->rx_waiting);
	g_free(nic->name);
	g_free(nic);
}

static void port_coming(void *arg, const struct frame *frame, bool next) {
	const struct nic *nic = arg;

	net_expect(nic->k->stack, frame, next);
}

struct nic *nic_hw_new(struct kernel *k, struct port *port, const struct nic_conf *conf) {
	struct nic *nic = g_new0(struct nic, 1);

	nic->k = k;
	nic->port = port;
	nic->conf = *conf;
	nic->name = g_strdup(conf->name);
	nic->conf.name = nic->name;
	card_reset(nic);
	return nic;
}

void nic_hw_attach(struct nic *nic, struct pci_bus *bus) {
	static const struct port_ops ops = {.receive = port_receive, .coming = port_coming};

	nic->pdev = pci_dev_add(bus, nic->name, nic->conf.irq);
	nic->tx_length = sim_counter(nic->k->sim, pci_dev_track(nic->pdev), "tx ring", "frames", 0);
	nic->rx_length = sim_counter(nic->k->sim, pci_dev_track(nic->pdev), "rx ring", "frames", 0);
	port_attach(nic->port, &ops, nic);
	nic->keeps = port_keeps(nic->port, 3 * NIC_TX_FIFO);
}

void nic_hw_stop(struct nic *nic) {
	sim_cancel(nic->k->sim, &nic->fifo_check);
	sim_cancel(nic->k->sim, &nic->throttle);
	sim_cancel(nic->k->sim, &nic->late_timer);
	sim_cancel(nic->k->sim, &nic->rx_wait);
}

void nic_hw_detach(struct nic *nic) {
	port_attach(nic->port, NULL, NULL); /* what is on the wire finds nobody */
	pci_dev_remove(nic->pdev);
}

void nic_counters(const struct nic *nic, struct nic_counters *counters) { *counters = nic->count; }
