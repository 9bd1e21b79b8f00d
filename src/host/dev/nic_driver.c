/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does the processor do for the NIC?  Writes its registers, fills its rings, answers its
 * interrupts, and polls.
 */
#include <glib.h>
#include <string.h>

#include "host/dev/nic_hw.h"

/*
 * The driver.  Handler, poll and transmit routine charge what they cost; register writes travel
 * through cpu_defer(), so that the card sees them when the processor has come to them.
 */

/* --- register writes ------------------------------------------------------------------------- */

/* An effect cannot charge: a bridge that was full is paid for with the next write. */
static void post_of(struct nic *nic, sim_flow flow, void (*reg)(void *nic),
                    bool (*early)(void *nic, sim_time when)) {
	pci_stall_add(&nic->stall, sim_now(nic->k->sim),
	              pci_post_write_of(nic->pdev, flow, reg, early, nic));
}

static void post(struct nic *nic, void (*reg)(void *nic)) { post_of(nic, 0, reg, NULL); }

static void post_mask(void *a, void *b) {
	(void)b;
	post(a, nic_reg_mask);
}

static void post_enable(void *a, void *b) {
	(void)b;
	post(a, nic_reg_enable);
}

static void post_rx_tail(void *a, void *b) {
	(void)b;
	post(a, nic_reg_rx_tail);
}

static void charge_write(struct nic *nic) {
	sim_time stall = pci_stall_take(&nic->stall);

	charge(nic->k, COST_MMIO_WRITE, 0);
	if (stall)
		charge_time(nic->k, COST_MMIO_WRITE, stall);
}

static void write_register(struct nic *nic, void (*effect)(void *a, void *b)) {
	charge_write(nic);
	cpu_defer(nic->k, effect, nic, NULL);
}

/* Each takes as long as the last read of the cause did, before any as nothing. A driver's code charges them in the
 * middle of what it owes, where nothing can be asked of the bus: it does not carry them. */
static void charge_accesses(struct nic *nic, unsigned n) {
	for (; n > 0; n--) {
		charge_time(nic->k, COST_MMIO_READ, nic->read_stall);
		charge(nic->k, COST_MMIO_READ, 0);
	}
}

/* --- what is told of it ----------------------------------------------------------------------- */

static SIM_TELLS void tell_tx(const struct nic *nic, struct frame *frame) {
	sim_tell_mark(cpu_track(nic->k), "send frame", frame_flow(nic->k->sim, frame));
	nic_tx_changed(nic);
}

static SIM_TELLS void tell_rx(const struct nic *nic, const struct frame *frame) {
	nic_rx_changed(nic);
	sim_tell_mark(cpu_track(nic->k), "receive frame", frame->flow);
}

/* --- transmit -------------------------------------------------------------------------------- */

static uint32_t tx_used(const struct nic *nic) { return nic->tx_tail - nic->tx_clean; }

static bool reclaim_sent(struct nic *nic) {
	bool freed = false;

	while (nic->tx_clean != nic->tx_done) {
		struct nic_slot *slot = &nic->tx[nic->tx_clean++ & (nic->tx_size - 1)];

		charge(nic->k, COST_NIC_TX_CLEAN, 0);
		charge_accesses(nic, nic->conf.clean_accesses);
		if (!slot->owner)
			continue;
		slot->owner->released(slot->owner, slot->truesize);
		slot->owner = NULL;
		freed = true;
	}
	nic_tx_changed(nic);
	if (nic->stopped && tx_used(nic) < nic->tx_size) {
		nic->stopped = false;
		netif_wake_queue(&nic->netdev);
	}
	return freed;
}

/* True if somebody's send buffer has got something back: the stack is to tell him. */
static inline bool tx_reclaim(struct nic *nic) {
	return nic->tx_clean != nic->tx_done && reclaim_sent(nic);
}

static uint32_t nic_tx_room(const struct net_device *dev) {
	const struct nic *nic = dev->priv;

	return nic->tx_size - tx_used(nic);
}

/* Half a ring of descriptors that nobody reclaimed is where 2.4's drivers begin to do it from their
 * transmit routine.  That is called by the stack, which sees for itself who has room again. */
static void nic_charge_xmit(struct net_device *dev) {
	struct nic *nic = dev->priv;

	if (tx_used(nic) >= nic->tx_size / 2)
		tx_reclaim(nic);
	charge(nic->k, COST_NIC_TX, 0);
	charge_accesses(nic, nic->conf.tx_accesses);
	charge_write(nic);
}

/* For each frame whose number the configuration's divides; if that is 0, never. */
static bool irq_is_due(struct nic *nic) {
	if (!nic->conf.tx_irq_every || ++nic->tx_since_irq != nic->conf.tx_irq_every)
		return false;
	nic->tx_since_irq = 0;
	return true;
}

/* Reports are asked for eight times a ring, so that reclaiming finds something; an interrupt where
 * the configuration says so, by the descriptor that fills the ring, and by and by if the frame counts
 * against a send buffer.  For others, TCP's above all, nobody waits: they are cleaned with what comes. */
static bool nic_xmit(struct net_device *dev, struct frame *frame) {
	struct nic *nic = dev->priv;
	uint32_t pos = nic->tx_tail;

	if (tx_used(nic) == nic->tx_size) {
		nic->stopped = true;
		nic->count.tx_ring_full++;
		return false;
	}
	struct nic_slot *slot = &nic->tx[pos & (nic->tx_size - 1)];

	nic->tx_tail++;
	slot->owner = g_steal_pointer(&frame->owner);
	slot->truesize = frame->truesize;
	slot->late = slot->owner != NULL;
	slot->frame = frame;
	slot->irq = irq_is_due(nic) || tx_used(nic) == nic->tx_size;
	slot->report = slot->irq || (nic->tx_tail & nic->tx_report) == 0;
	if (sim_heard(nic->tx_length))
		tell_tx(nic, frame);
	post_of(nic, frame->flow, nic_reg_tx_doorbell, nic_early_tx_doorbell);
	return true;
}

/* --- receive --------------------------------------------------------------------------------- */

/* The next frame that lies whole in host memory, its buffer refilled; NULL if there is none. */
static struct frame *rx_take(struct nic *nic) {
	struct nic_slot *slot = &nic->rx[nic->rx_taken & (nic->rx_size - 1)];

	if (nic->rx_taken == nic->rx_stored || slot->dma.lands > sim_now(nic->k->sim))
		return NULL;
	nic->rx_taken++;
	struct frame *frame = g_steal_pointer(&slot->frame);

	if (sim_heard(nic->rx_length))
		tell_rx(nic, frame);
	charge(nic->k, COST_NIC_RX, 0);
	charge_accesses(nic, nic->conf.rx_accesses);
	if (++nic->rx_unposted == nic_rx_batch(nic)) {
		nic->rx_unposted = 0;
		write_register(nic, post_rx_tail);
	}
	return frame;
}

/* The ring is looked at once more after the last frame's charges; then interrupts go on again. */
static bool nic_poll(struct net_device *dev, int budget) {
	struct nic *nic = dev->priv;

	if (tx_reclaim(nic))
		net_sent(nic->k->stack);
	while (budget-- > 0) {
		struct frame *frame = rx_take(nic);

		if (!frame) {
			write_register(nic, post_enable);
			return false;
		}
		netif_receive(dev, frame);
	}
	return true;
}

/* The read has reached the card, which releases the line; the answer's way and what it leads to. */
static bool nic_interrupt_answered(void *dev_id) {
	struct nic *nic = dev_id;
	unsigned cause = pci_present(nic->pdev) ? nic_reg_cause(nic) : 0;
	struct frame *frame;

	charge_time(nic->k, COST_MMIO_READ, nic->read_back);
	charge(nic->k, COST_MMIO_READ, 0);
	if (!cause)
		return false;
	charge_accesses(nic, nic->conf.irq_accesses);
	if (nic->conf.napi) {
		write_register(nic, post_mask);
		netif_rx_schedule(&nic->netdev);
		return true;
	}
	if (tx_reclaim(nic))
		netif_tx_freed(&nic->netdev);
	while ((frame = rx_take(nic)))
		netif_rx(&nic->netdev, frame);
	return true;
}

/* Half of the stall is the way there, half the answer's, beside which the fall of the line comes. */
static bool nic_interrupt(void *dev_id) {
	struct nic *nic = dev_id;
	sim_time stall = pci_read_stall(nic->pdev);

	nic->read_stall = stall;
	nic->read_back = stall - stall / 2;
	charge_time(nic->k, COST_MMIO_READ, stall / 2);
	irq_then(nic->k, nic_interrupt_answered, nic);
	return false;
}

/* --- the receive filter ----------------------------------------------------------------------- */

static void post_filter(void *a, void *b) {
	(void)b;
	post(a, nic_reg_filter);
}

/* Before the run nobody works, and the card starts with what it is given then. */
static void nic_set_rx_mode(struct net_device *dev) {
	struct nic *nic = dev->priv;
	struct mac_filter before = nic->wanted;
	unsigned writes;

	mac_filter_load(&nic->wanted, dev->ifp);
	writes = mac_filter_writes(&before, &nic->wanted);
	if (!writes)
		return;
	if (!current_task(nic->k) && !in_interrupt(nic->k)) {
		nic_reg_filter(nic);
		return;
	}
	for (unsigned i = 0; i < writes; i++)
		charge_write(nic);
	cpu_defer(nic->k, post_filter, nic, NULL);
}

/* --- life ------------------------------------------------------------------------------------ */

static int probe(struct nic *nic) {
	struct net_device *dev = &nic->netdev;
	int err;

	dev->name = nic->name;
	memcpy(dev->mac, nic->conf.mac, sizeof dev->mac);
	dev->mtu = nic->conf.mtu;
	dev->hard_start_xmit = nic_xmit;
	dev->charge_xmit = nic_charge_xmit;
	dev->tx_room = nic_tx_room;
	dev->poll = nic_poll;
	dev->set_rx_mode = nic_set_rx_mode;
	dev->weight = (int)nic->conf.budget;
	dev->gathers = nic->conf.scatter_gather;
	dev->sums_tx = nic->conf.tx_checksum;
	dev->sums_rx = nic->conf.rx_checksum;
	dev->priv = nic;
	mac_filter_init(&nic->wanted, nic->conf.mac);
	err = register_netdev(nic->k, dev);
	if (err)
		return err;
	return request_irq(nic->k, nic->conf.irq, nic_interrupt, nic->name, nic);
}

struct nic *nic_new(struct kernel *k, struct pci_bus *bus, struct port *port,
                    const struct nic_conf *conf) {
	struct nic *nic;

	if (conf->irq > 31 || conf->tx_ring < 4 || conf->rx_ring < 4)
		return NULL;
	nic = nic_hw_new(k, port, conf);
	if (probe(nic)) {
		nic_hw_free(nic);
		return NULL;
	}
	nic_hw_attach(nic, bus);
	return nic;
}

void nic_free(struct nic *nic) {
	nic_hw_stop(nic);
	nic->netdev.set_rx_mode = NULL; /* its registers are gone */
	free_irq(nic->k, nic->conf.irq, nic);
	unregister_netdev(&nic->netdev);
	nic_hw_detach(nic);
	nic_hw_free(nic);
}

struct net_device *nic_netdev(struct nic *nic) { return &nic->netdev; }
