rule report_page:
    input:
        images=rules.index.output.images,
        categories=rules.index.output.categories,
        source=rules.index.output.source,
        rejected=rules.index.output.rejected,
        changed=rules.index.output.changed,
        columns=rules.assemble_all.output.columns,
        checked=rules.check_annotations.output.complete,
        checks=rules.check_annotations.output.checks,
        folds=of_each_split("folds.csv"),
        fold_tables=of_each_split("fold_table.csv"),
        split_checks=of_each_split("checks.json"),
        qualities=of_each_split("quality.json"),
        warnings=lambda wildcards: [
            rules.index.output.warnings,
            *of_each_split("warnings.json")(wildcards),
            *([rules.draw_previews.output.warnings] if config["n_previews"] else []),
            *([rules.find_duplicates.output.warnings] if HAS_DUPLICATES else []),
        ],
        gallery=rules.draw_previews.output.gallery if config["n_previews"] else [],
        duplicates=rules.find_duplicates.output.table if HAS_DUPLICATES else [],
        copies=rules.find_duplicates.output.gallery if HAS_DUPLICATES else [],
        record=record_of("page"),
    output:
        page=report(
            "results/report.html",
            caption="../report/page.rst",
            # Categories are sorted by name: this is the first.
            category="All in one page",
            labels={"page": "report"},
        ),
    log:
        "results/logs/report_page.log",
    benchmark:
        "results/benchmarks/report_page.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=by_size(400, per_megabyte=0.2, files=SOURCE.paths),
        runtime=by_size(2, per_megabyte=0.001, files=SOURCE.paths),
    # Functions, since Snakemake takes braces in plain values for wildcards.
    params:
        splits=lambda wildcards: as_json([split._asdict() for split in splits()]),
        settings=lambda wildcards: as_json(config),
        files=digest_of_files(
            f"cocofolds/report/{name}"
            for name in ("page.html.jinja", "marks.html.jinja", "page.css", "page.js")
        ),
        code=digest_of("report_page"),
    message:
        "Make the report page"
    script:
        "../../scripts/report_page.py"
