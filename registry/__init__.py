"""People, contact points, stays, organisations and officers: the registry everything else rests on."""
