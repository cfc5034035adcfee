# spark-submit --files pipe-scan spark_scan.py LIST OUTPUT: the files that LIST names, a path
# a line, on all executors. The mail lies on a file system that all of them see.
import sys

from pyspark import SparkContext

sc = SparkContext(appName="ndrscan")
paths = sc.textFile(sys.argv[1])
paths.repartition(max(1, paths.count() // 100)).pipe("./pipe-scan", checkCode=True).saveAsTextFile(sys.argv[2])
