"$NDRSCAN" explain nowhere.eml
