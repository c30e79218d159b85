rule report_page:
    input:
        images="results/index/images.csv",
        categories="results/index/categories.csv",
        source="results/index/source.json",
        rejected="results/rejected.csv",
        changed="results/changed.csv",
        arrays="results/annotations_all.npy",
        checks="results/checks.json",
        folds=of_each_split("folds.csv"),
        fold_tables=of_each_split("fold_table.csv"),
        split_checks=of_each_split("checks.json"),
        warnings=[
            "results/index/warnings.json",
            *of_each_split("warnings.json"),
            *(["results/preview/warnings.json"] if config["n_previews"] else []),
        ],
        gallery="results/report/gallery.json" if config["n_previews"] else [],
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
    threads: 1
    resources:
        mem_mb=by_size(400, per_megabyte=0.2, files=ANNOTATIONS),
        runtime=by_size(2, per_megabyte=0.001, files=ANNOTATIONS),
    # Functions, since Snakemake takes braces in plain values for wildcards.
    params:
        splits=lambda wildcards: as_json(SPLITS),
        settings=lambda wildcards: as_json(config),
        files=digest_of_files(
            f"cocofolds/report/page.{kind}" for kind in ("html.jinja", "css", "js")
        ),
        code=digest_of("report_page"),
    message:
        "Make the report page"
    script:
        "../../scripts/report_page.py"
