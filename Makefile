# The two commands of the README, and the contributor's verbs.
# Each brings what it needs and may be run again; `make help` lists them.

SHELL := /bin/bash
# Under sudo the toolchain is often the invoking user's, and rustup would look for it in root's home.
HOME_OF_USER := $(shell getent passwd "$${SUDO_USER:-$$(id -un)}" 2>/dev/null | cut -d: -f6)
export PATH := $(PATH):$(HOME_OF_USER)/.cargo/bin
ifneq ($(and $(SUDO_USER),$(wildcard $(HOME_OF_USER)/.rustup)),)
export RUSTUP_HOME ?= $(HOME_OF_USER)/.rustup
endif
export CARGO_TERM_PROGRESS_WHEN ?= never
# Under sudo, labrun would go on as the user who ran sudo, and what is tried here is in folders of root's.
AS_ROOT := env -u SUDO_UID

CARGO ?= cargo
LABRUN := target/release/labrun
LABRUN_DEBUG := target/debug/labrun

.PHONY: help lab test test-long forms toolchain build engine fmt modules clippy unit blackbox book pictures bench benches scale reference \
	snapshots install release soak engines editor fuzz fuzz-corpus audit sbom clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: toolchain engine build ## set everything up, and begin the first lab (without a terminal: prove it)
	@if [ -t 0 ] && [ -t 1 ]; then \
	    $(LABRUN) start docker-volumes && printf '\nIn this terminal, labrun is: %s\n' "$(CURDIR)/$(LABRUN)"; \
	else \
	    $(LABRUN) verify docker-volumes; \
	fi

test: toolchain engine ## every check: format, lints, unit, black-box and engine tests, labs, book
	@scripts/test.sh

test-long: toolchain engine ## what takes minutes: all form tables, every mistake of every lab, kills, long black-box tests (SEED=…)
	@scripts/test-long.sh

forms: engine ## right and wrong forms of each step, on the real engine (LAB=… STEP=… ROW=… for a part)
	@FORMS_LAB="$(LAB)" FORMS_STEP="$(STEP)" FORMS_ROW="$(ROW)" FORMS_PROGRESS=1 RUST_BACKTRACE=0 \
	    $(AS_ROOT) $(CARGO) test --locked --test blackbox long::every_form_of_every_step

toolchain:
	@command -v $(CARGO) >/dev/null || { \
	    echo 'make: there is no cargo. Install Rust 1.89 or newer: https://rustup.rs' >&2; exit 1; }
	@command -v cc >/dev/null || { \
	    echo 'make: there is no C compiler, which SQLite needs. Debian and Ubuntu: apt-get install gcc' >&2; exit 1; }

engine: ## find a Docker engine or bring one, and the image busybox
	@scripts/engine.sh

build: ## the program, as released
	@$(CARGO) build --release --locked --quiet
	@# What root builds in somebody's clone is theirs, or their own cargo could not go on with it.
	@[ -z "$$SUDO_UID" ] || chown -R --reference=. target

fmt: ## format the source
	$(CARGO) fmt --all

modules: ## which modules use which; fails where they use each other in a circle
	@$(CARGO) xtask modules

clippy: ## lints, warnings denied
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

unit: ## tests that need no engine
	$(CARGO) test --workspace --locked --lib --bins

blackbox: engine ## the program as a whole, on a real engine
	$(AS_ROOT) $(CARGO) test --locked --test blackbox

soak: engine ## kill labrun again and again, then flood it with events, for ten minutes (SECONDS=…, SEED=…); nothing may be lost
	@$(CARGO) build --locked --quiet
	@SECONDS=$(or $(SECONDS),600) $(AS_ROOT) scripts/soak.py --labrun $(LABRUN_DEBUG) $(if $(SEED),--seed $(SEED))

editor: ## see what an editor with yaml-language-server makes of the labs (needs npm)
	scripts/check-editor.py

engines: engine ## prove the labs on other engines: newer Docker, Podman, both without root (WHICH="podman sid"; needs root)
	@$(CARGO) build --locked --quiet
	@LABRUN=$(LABRUN_DEBUG) $(AS_ROOT) scripts/engines.sh $(WHICH)

fuzz: ## try bytes that nobody has thought of, 60 seconds a target (TARGET=…, SECONDS=…); needs a nightly Rust and cargo-fuzz
	@TARGET="$(TARGET)" SECONDS_EACH=$(or $(SECONDS),60) scripts/fuzz.sh

fuzz-corpus: ## make the repository's small corpus from what `make fuzz` found (TARGET=…)
	@MINIMISE=1 TARGET="$(TARGET)" scripts/fuzz.sh

audit: ## what is known against the dependencies: cargo-deny and cargo-audit, as far as they are here
	@scripts/audit.sh

sbom: ## what a release is made of, as a CycloneDX list in target/sbom (TARGET=…); needs cargo-cyclonedx
	@scripts/sbom.sh

book: ## build the book into target/book, and check its links
	scripts/book.sh

pictures: engine build ## take the book's pictures of screens anew, from a real practice shell (needs tmux)
	$(AS_ROOT) scripts/screens.py --labrun $(LABRUN)

bench: engine build ## measure what labrun costs, against what people use instead; ROWS=check,hook for a part
	@$(AS_ROOT) scripts/bench.py "$(ROWS)"

scale: engine build ## measure how the cost grows: engine, lab, journal, learners; SERIES=journal,checks for a part
	@$(AS_ROOT) scripts/scale.py "$(SERIES)"

benches: ## time the parts that need no engine, by criterion; PART=judge for a part
	$(CARGO) bench --locked --bench pure -- $(PART)

reference: ## write anew what is written from the code: references and labs in the book, schemas
	UPDATE_REFERENCE=1 $(CARGO) test --locked --lib reference

snapshots: ## take what the snapshot tests see now for right; look at the difference before you commit it
	INSTA_UPDATE=always $(CARGO) test --workspace --locked

install: ## labrun into ~/.cargo/bin
	$(CARGO) install --locked --path .

release: toolchain ## a static build with tls, packed with manual, completions and licences (TARGET=…)
	@scripts/release.sh

clean: ## what was built
	$(CARGO) clean
