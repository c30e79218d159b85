rule report_page:
    input:
        images="<results>/index/images.csv",
        categories="<results>/index/categories.csv",
        source="<results>/index/source.json",
        rejected="<results>/rejected.csv",
        changed="<results>/changed.csv",
        columns="<results>/annotations_all.npz",
        checked="<results>/.complete.json",
        checks="<results>/checks.json",
        folds=of_each_split("folds.csv"),
        fold_tables=of_each_split("fold_table.csv"),
        split_checks=of_each_split("checks.json"),
        qualities=of_each_split("quality.json"),
        warnings=lambda wildcards: [
            "<results>/index/warnings.json",
            *of_each_split("warnings.json")(wildcards),
            *(["<results>/preview/warnings.json"] if HAS_PREVIEWS else []),
            *(["<results>/duplicates/warnings.json"] if HAS_DUPLICATES else []),
        ],
        gallery="<results>/report/gallery.json" if HAS_PREVIEWS else [],
        duplicates="<results>/duplicates.csv" if HAS_DUPLICATES else [],
        copies="<results>/report/duplicates.json" if HAS_DUPLICATES else [],
        record=record_of("page"),
    output:
        page=report(
            "<results>/report.html",
            caption="../report/page.rst",
            # Categories are sorted by name: this is the first.
            category="All in one page",
            labels={"page": "report"},
        ),
    log:
        "<results>/logs/report_page.log",
    benchmark:
        "<results>/benchmarks/report_page.tsv"
    localrule: True
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(400, per_megabyte=0.2, files=SOURCE.paths),
        runtime=by_size(2, per_megabyte=0.001, files=SOURCE.paths),
    # Functions, since Snakemake takes braces in plain values for wildcards.
    params:
        splits=lambda wildcards: as_json([split._asdict() for split in splits()]),
        settings=lambda wildcards: as_json(config, indent=1),
        files=digest_of_files(
            f"cocofolds/report/{name}"
            for name in ("page.html.jinja", "marks.html.jinja", "page.css", "page.js")
        ),
        code=digest_of("report_page"),
    message:
        "Make the report page"
    script:
        "../../scripts/report_page.py"
