"""Work that already exists in Label Studio, read as it is: any label config, any export."""
