"""The annotations as people have them: tables, COCO JSON, label images."""
