"""Read the source: tables, COCO JSON, and what else people have."""
