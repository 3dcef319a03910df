"""What every test with a real broker uses: brokers, processes, results and cached clients."""
