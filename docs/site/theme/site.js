// SPDX-License-Identifier: GPL-3.0-or-later
// The search.  SECTIONS (search.js) has [address, heading, text] of each section.  All words asked for must be in
// a section, as they are written: options, keys and names of functions are found by any part of them.
// ?q=WORDS behind a page's address asks at once.
"use strict";
(() => {
	const MOST = 30, AROUND = 90;
	const query = document.getElementById("query"), found = document.getElementById("found");
	const top = document.body.dataset.top;
	const pageOf = new Map();
	const sections = SECTIONS.map(([at, title, text]) => {
		const page = at.split("#")[0];
		if (page === at) pageOf.set(page, title);
		return {at, title, text, page, low: text.toLowerCase(), head: title.toLowerCase()};
	});

	// How well a section answers; 0: not at all.
	function score(section, words) {
		let sum = 0;
		for (const word of words) {
			const inHead = section.head.includes(word), where = section.low.indexOf(word);
			if (!inHead && where < 0) return 0;
			sum += (inHead ? 20 : 0) + Math.min(section.low.split(word).length - 1, 5);
		}
		return sum;
	}

	function put(parent, name, text) {
		const node = document.createElement(name);
		node.textContent = text;
		parent.append(node);
		return node;
	}

	// The place around the first word, with every word marked.
	function excerpt(section, words) {
		const p = document.createElement("p");
		const at = Math.max(0, Math.min(...words.map(w => section.low.indexOf(w)).filter(i => i >= 0), section.text.length));
		const from = at === section.text.length || at < AROUND ? 0 : section.text.lastIndexOf(" ", at - AROUND) + 1;
		const text = (from ? "... " : "") + section.text.slice(from, from + 3 * AROUND);
		const low = text.toLowerCase();
		let done = 0;
		for (let i = 0; i < text.length;) {
			const word = words.find(w => low.startsWith(w, i));
			if (!word) { i++; continue; }
			p.append(text.slice(done, i));
			put(p, "mark", text.slice(i, i + word.length));
			done = i += word.length;
		}
		p.append(text.slice(done));
		return p;
	}

	function show() {
		const words = query.value.toLowerCase().split(/\s+/).filter(w => w.length > 1);
		found.replaceChildren();
		found.hidden = words.length === 0;
		if (found.hidden) return;
		const hits = sections.map(s => [score(s, words), s]).filter(h => h[0] > 0).sort((a, b) => b[0] - a[0]);
		put(found, "p", hits.length === 0 ? "Nothing has all of these words."
			: hits.length + (hits.length === 1 ? " section" : " sections"));
		for (const [, section] of hits.slice(0, MOST)) {
			const name = pageOf.get(section.page);
			const link = put(found, "a", section.title === name ? name : name + ": " + section.title);
			link.href = top + "/" + section.at;
			found.append(excerpt(section, words));
		}
	}

	query.addEventListener("input", show);
	query.form.addEventListener("submit", event => {
		event.preventDefault();
		const first = found.querySelector("a");
		if (first) first.click();
	});
	// The page is left: what was found would cover where a link leads on the same page.
	found.addEventListener("click", event => {
		if (event.target.closest("a")) found.hidden = true;
	});
	document.addEventListener("keydown", event => {
		if (event.key === "/" && document.activeElement !== query && !event.ctrlKey && !event.metaKey) {
			event.preventDefault();
			query.focus();
		} else if (event.key === "Escape" && !found.hidden) {
			query.value = "";
			show();
		}
	});
	query.value = new URLSearchParams(location.search).get("q") || "";
	show();
	document.documentElement.dataset.ready = "1";
})();
