"""Rows of the table about the client library, beside librdkafka in the same program."""

import statistics

from figures import spread


def client(run, broker, library, part, bytes_, records, *words):
    """100-byte records are sent in fewer numbers with --quick."""
    return run.load(broker, "client", "--library", library, "--part", part, "--record", bytes_,
                    "--records", records // 4 if run.quick else records, "--topic",
                    f"{library}-{part}-{bytes_}-{len(run.results)}", *words)


def row_null_sink(run):
    """Nothing but the producer: the other side acknowledges unread."""
    records = 2_000_000 if run.quick else 10_000_000
    pairs = [[run.tool("client", "--sink", "yes", "--library", library, "--records", records)
              for library in ("librdkafka", "own")] for _ in range(run.repeats)]
    rate = spread((ours["records_per_s"] / 1e6 for _, ours in pairs))
    ratio = spread(ours["records_per_s"] / theirs["records_per_s"] for theirs, ours in pairs)
    most = max(ours["allocations_per_record"] for _, ours in pairs)
    return f"{rate} M records/s", f"{ratio} × librdkafka; {most:.4f} allocations a record at most"


def row_client(run, part, bytes_):
    records = 4_000_000 if bytes_ == 100 else 1_000_000
    pairs = []
    with run.horolog() as broker:
        for _ in range(run.repeats):
            pairs.append([client(run, broker, library, part, bytes_, records)
                          for library in ("librdkafka", "own")])
    rate = spread(ours["records_per_s"] / theirs["records_per_s"] for theirs, ours in pairs)
    cpu = spread(theirs["client_cpu_us_per_record"] / ours["client_cpu_us_per_record"]
                 for theirs, ours in pairs)
    theirs, ours = (statistics.median(pair[n]["records_per_s"] for pair in pairs) for n in (0, 1))
    most = max(ours["allocations_per_record"] for _, ours in pairs)
    return (f"{rate} × records/s; {cpu} × records per CPU second",
            f"{ours / 1e6:.2f} beside {theirs / 1e6:.2f} M records/s; {most:.4f} allocations a "
            "record at most")
